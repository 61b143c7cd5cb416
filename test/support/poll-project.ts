import { projectFiles } from './project.ts';

/** What the project's secrets are where it polls. */
export const pollEnv = { CRM_TOKEN: 'crm-token' };

/** A project whose leads are polled from a listing (test/support/listing.ts), two a page, and are done when they are routed. */
export function pollFiles(listingUrl: string, sources: readonly string[] = ['crm']): Record<string, string> {
  const files = projectFiles('http://tool');
  const project = files['signalbox.yaml'] ?? '';
  const workflow = files['workflows/leads.yaml'] ?? '';
  const [head = ''] = project.split('sources:\n');
  const [path = '', rest = ''] = workflow.split('handoffs:\n');
  const exceptions = rest.slice(rest.indexOf('exceptions:\n'));
  return {
    ...files,
    'signalbox.yaml': `${head}sources:\n${sources.map(polled).join('')}${destinations(listingUrl)}`,
    'workflows/leads.yaml': `${path.replace('source: form', 'source: crm')}${exceptions}`,
  };
}

const polled = (key: string) => `  ${key}:
    summary: Leads of the CRM
    owner: person:dana
    poll:
      every: 5m
      from: crm-api
      operation: GET /leads
      with: { since: cursor, limit: 2 }
      start: 0
      triggers: response.data
      cursor: last.at
      next_page: { when: has(response.next), with: { page_token: response.next } }
`;

const destinations = (listingUrl: string) => `destinations:
  crm-api:
    summary: The CRM
    url: '${listingUrl}'
    auth: { scheme: bearer, secret: { env: CRM_TOKEN } }
    allow_private: true
    timeout: 2s
`;

/** A lead as the listing holds it. */
export function listed(at: number) {
  return { at, lead_id: `lead-${at}`, name: `Lead ${at}`, project_type: 'web', budget: 5000 };
}
