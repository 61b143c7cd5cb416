import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './folder.ts';

export interface TestProject {
  readonly root: string;
  remove(): Promise<void>;
}

/** A project on disk: leads from a form, handed to a target that is proved by reading back. `changes` replaces whole files. */
export async function testProject(
  targetUrl: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<TestProject> {
  const root = await temporaryFolder('signalbox-project-');
  const files = { ...projectFiles(targetUrl), ...changes };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}

export const formToken = 'form-token-for-tests';
/** What the project's secrets are in tests. */
export const projectEnv = { FORM_TOKEN: formToken };

export function lead(id: string, changes: Record<string, unknown> = {}): string {
  return JSON.stringify({ lead_id: id, name: `Lead ${id}`, project_type: 'web', budget: 5000, ...changes });
}

export function projectFiles(targetUrl: string): Record<string, string> {
  return {
    'signalbox.yaml': `
project: test
server: { host: 127.0.0.1, port: 0 }
people:
  dana: { name: Dana Reyes, email: dana@example.com }
  omar: { name: Omar Haddad, email: omar@example.com }
teams:
  growth: { name: Growth, members: [dana] }
  web: { name: Web, members: [omar] }
  triage: { name: Triage, members: [dana, omar] }
sources:
  form: { summary: The form, owner: person:dana, verify: { scheme: bearer, secret: { env: FORM_TOKEN } } }
destinations:
  tool: { summary: The tool, url: '${targetUrl}', auth: { scheme: none }, allow_private: true, timeout: 2s }
`,
    'contracts/lead.schema.json': JSON.stringify({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['lead_id', 'name', 'project_type', 'budget'],
      properties: {
        lead_id: { type: 'string', minLength: 1 },
        name: { type: 'string' },
        project_type: { type: 'string', enum: ['web', 'brand'] },
        budget: { type: 'number' },
      },
    }),
    'workflows/leads.yaml': `
workflow: leads
summary: A lead becomes a record in the tool.
owner: team:growth
alternate: person:omar
trigger:
  source: form
  contract: ../contracts/lead.schema.json
  identity: payload.lead_id
  duplicates: { within: 30d }
ticket:
  name: payload.name
  project_type: payload.project_type
  budget: payload.budget
checks:
  - id: budget-in-range
    that: ticket.budget >= 500.0
    otherwise: Budget is under 500
    checklist: [Ask for the real budget]
routes:
  threshold: 0.8
  rules:
    - to: team:web
      when: ticket.project_type == "web"
handoffs:
  - id: create-record
    to: tool
    operation: POST /records
    body: { name: ticket.name, type: ticket.project_type, lead: payload.lead_id }
    retry: { attempts: 20, for: 1h }
    outcome:
      read: GET /records/{id}
      with: { id: response.id }
      same: [name, type, lead]
      within: 30s
exceptions:
  owner: team:triage
  alternate: person:omar
  ttl: 15m
  resolve_within: 1d
  escalate: [person:dana]
  root_causes: [sender-changed-form, human-error]
`,
  };
}
