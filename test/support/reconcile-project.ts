import { projectEnv, projectFiles } from './project.ts';

/** What the project's secrets are where it compares. */
export const reconcileEnv = { ...projectEnv, LIST_TOKEN: 'list-token' };

/** A project whose leads come from the form, which has a list of them (test/support/lead-list.ts); they are done when routed. */
export function reconcileFiles(
  listUrl: string,
  changes: { duplicates?: string; list?: string; required?: string[] } = {},
) {
  const { duplicates = '{ within: 30d }', list = listLines, required = [] } = changes;
  const files = projectFiles('http://tool');
  const project = files['signalbox.yaml'] ?? '';
  const workflow = files['workflows/leads.yaml'] ?? '';
  const [head = ''] = project.split('sources:\n');
  const [path = '', rest = ''] = workflow.split('handoffs:\n');
  const contract = JSON.parse(files['contracts/lead.schema.json'] ?? '{}');
  contract.properties.version = { type: 'integer' };
  return {
    ...files,
    'contracts/lead.schema.json': JSON.stringify({
      ...contract,
      required: [...contract.required, ...required],
    }),
    'signalbox.yaml': `${head}sources:
  form:
    summary: The form
    owner: person:dana
    verify: { scheme: bearer, secret: { env: FORM_TOKEN } }
    reconcile:
${list}
destinations:
  lead-list:
    summary: The list of the form
    url: '${listUrl}'
    auth: { scheme: bearer, secret: { env: LIST_TOKEN } }
    allow_private: true
    timeout: 2s
`,
    'workflows/leads.yaml': `${path.replace('{ within: 30d }', duplicates)}${rest.slice(rest.indexOf('exceptions:\n'))}`,
  };
}

const listLines = `      every: 1h
      lookback: 2d
      settle: 10m
      from: lead-list
      operation: GET /leads
      with: { created_after: window.from, limit: 2 }
      triggers: response.data
      at: element.created_at
      next_page: { when: has(response.next), with: { page_token: response.next } }`;

/** A lead as the form and its list hold it. */
export function leadAt(id: string, at: Date, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    lead_id: id,
    name: `Lead ${id}`,
    project_type: 'web',
    budget: 5000,
    created_at: at.toISOString(),
    ...changes,
  };
}
