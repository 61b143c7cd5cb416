import { loadProject } from '../../src/workflow/load.ts';
import type { Project } from '../../src/workflow/project.ts';
import { projectFiles } from '../support/project.ts';

/** What the project of the day promises, in minutes. */
export const promised = {
  silent: 120,
  stuck: 240,
  compared: 60,
  confirmed: 0.5,
  readAgain: 180,
} as const;

export interface Addresses {
  readonly target: string;
  /** The lists of the two sources. */
  readonly form: string;
  readonly shop: string;
}

/** Two sources with lists of their own, a workflow each, one destination whose records are read again. `settleMinutes`: how late a webhook may be. */
export function dayProject(addresses: Addresses, settleMinutes: number): Project {
  const files = new Map(Object.entries(projectFiles(addresses.target)));
  const leads = files.get('workflows/leads.yaml') ?? '';
  const project = (files.get('signalbox.yaml') ?? '')
    .replace('people:\n', 'people:\n  lena: { name: Lena, email: lena@example.com }\n')
    .replace(/^ {2}form: .*\n/m, source('form', settleMinutes) + source('shop', settleMinutes))
    .replace(
      'timeout: 2s }\n',
      `timeout: 2s, read_again: { after: [${promised.readAgain}m], every: 100ms } }\n${list('form', addresses.form)}${list('shop', addresses.shop)}`,
    );
  files.set(
    'signalbox.yaml',
    `${project}detection: { owner: team:triage, alternate: person:dana, stuck_after: ${promised.stuck}m }\n`,
  );
  files.set(
    'workflows/leads.yaml',
    leads.replace('ticket:\n', `  expect: { every: ${promised.silent}m }\nticket:\n`),
  );
  files.set('workflows/orders.yaml', orders(leads));
  const { project: loaded, diagnostics } = loadProject(files);
  if (loaded === null) throw new Error(JSON.stringify(diagnostics, null, 2));
  return loaded;
}

function source(key: string, settleMinutes: number): string {
  return `  ${key}:
    summary: The ${key}
    owner: person:dana
    verify: { scheme: none }
    reconcile:
      every: ${promised.compared}m
      lookback: 2d
      settle: ${settleMinutes}m
      from: ${key}-list
      operation: GET /leads
      with: { created_after: window.from, limit: 500 }
      triggers: response.data
      at: element.created_at
      next_page: { when: has(response.next), with: { page_token: response.next } }
`;
}

function list(key: string, url: string): string {
  return `  ${key}-list: { summary: The list of the ${key}, url: '${url}', auth: { scheme: bearer, secret: { env: LIST_TOKEN } }, allow_private: true, timeout: 2s }\n`;
}

/** As the leads, but somebody's own, taking newer content, and with an approval of what is large. */
function orders(leads: string): string {
  return leads
    .replace('workflow: leads', 'workflow: orders')
    .replace('source: form', 'source: shop')
    .replace('owner: team:growth', 'owner: person:lena')
    .replace('{ within: 30d }', '{ within: 30d, other_content: update }')
    .replace('handoffs:\n', '    - to: team:growth\n      when: ticket.project_type == "brand"\nhandoffs:\n')
    .replace(
      '    retry:',
      '    approval: { when: ticket.budget > 50000.0, by: team:triage, within: 1d }\n    retry:',
    );
}

export function withoutPerson(project: Project, person: string): Project {
  return { ...project, people: new Map([...project.people].filter(([key]) => key !== person)) };
}
