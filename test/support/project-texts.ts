/** A small project that uses the whole language, for tests: each changes some text of it and looks at what happens. */
export const projectTexts: Readonly<Record<string, string>> = {
  'signalbox.yaml': `project: agency
people:
  dana: { name: Dana Reyes, email: dana@example.com }
  omar: { name: Omar Haddad, email: omar@example.com }
teams:
  growth: { name: Growth, members: [dana] }
  web: { name: Web, members: [omar, dana] }
sources:
  meta-ads:
    summary: Lead forms
    owner: person:dana
    verify: { scheme: github, secret: { env: META_SECRET } }
destinations:
  pm-tool:
    summary: The project tool
    url: https://pm.example.com/api/
    openapi: pm-tool.openapi.yaml
    auth: { scheme: bearer, secret: { env: PM_TOKEN } }
  chat:
    summary: The chat
    url: https://chat.example.com
`,
  'workflows/lead.yaml': `workflow: lead
summary: A lead becomes a project.
owner: team:growth
alternate: person:omar
trigger:
  source: meta-ads
  contract: ../contracts/lead.schema.json
  identity: payload.lead_id
  duplicates: { within: 30d }
  expect: { every: 4h }
ticket:
  email: payload.email.lowerAscii()
  project_type: payload.project_type
  budget: double(payload.budget)
checks:
  - id: budget-in-range
    that: ticket.budget >= 500.0
    otherwise: Budget is below 500
    checklist: [Ask for the real budget]
routes:
  rules:
    - to: team:web
      when: ticket.project_type == "web"
      signals:
        - { that: ticket.budget >= 2000.0, weight: 2 }
handoffs:
  - id: create-project
    to: pm-tool
    operation: createProject
    body: { name: '"Lead " + payload.name', type: ticket.project_type, tags: ['"new"', 1, true, null] }
    approval: { when: ticket.budget > 50000.0, by: team:growth, within: 4h }
    retry: { attempts: 3, for: 1h }
    outcome:
      read: getProject
      with: { id: response.id }
      that: result.manager != ""
      same: [name, type]
      within: 15m
  - id: announce
    to: chat
    operation: POST /messages
    body: { text: route }
    after: [create-project]
    outcome:
      read: GET /messages/{id}
      with: { id: response.id }
      same: [text]
      within: 1m
exceptions:
  owner: team:web
  alternate: person:dana
  ttl: 15m
  resolve_within: 1d
  escalate: [person:omar]
  root_causes: [form-changed, human-error]
  on:
    contract_violation:
      ttl: 5m
      checklist: [Find the form]
    unparseable: { checklist: [Find the sender] }
    conflicting_duplicate: { checklist: [Compare both leads] }
    transform_failed: { checklist: [Repair the field] }
    no_route: { checklist: [Choose the team] }
    low_confidence: { checklist: [Choose the team] }
    ambiguous: { checklist: [Choose the team] }
    refused: { checklist: [Ask why] }
    approval_overdue: { checklist: [Ask growth] }
    rejected: { checklist: [Read the answer] }
    attempts_exhausted: { checklist: [Look whether it is down] }
    destination_contract_violation: { checklist: [Compare with the document] }
    unconfirmed: { checklist: [Look for the project] }
    contradicted: { checklist: [Correct the project] }
    source_silent: { checklist: [Ask for the form] }
`,
  'contracts/lead.schema.json': `{
  "type": "object",
  "required": ["lead_id", "email", "name", "project_type", "budget"],
  "properties": {
    "lead_id": { "type": "string" },
    "email": { "type": "string" },
    "name": { "type": "string" },
    "project_type": { "enum": ["web", "brand"] },
    "budget": { "type": "number", "minimum": 0 },
    "tags": { "type": "array", "items": { "type": "string" } },
    "note": { "type": ["string", "null"] },
    "utm": {
      "type": "object",
      "required": ["source"],
      "properties": { "source": { "type": "string" }, "campaign": { "type": "string" } }
    }
  }
}`,
  'pm-tool.openapi.yaml': `openapi: 3.1.0
info: { title: Project tool, version: '1' }
paths:
  /projects:
    post:
      operationId: createProject
      parameters: [{ name: Idempotency-Key, in: header, required: true, schema: { type: string } }]
      requestBody:
        content: { application/json: { schema: { $ref: '#/components/schemas/Project' } } }
      responses:
        '201': { description: Made, content: { application/json: { schema: { $ref: '#/components/schemas/Project' } } } }
  /projects/{id}:
    get:
      operationId: getProject
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        '200': { description: Read, content: { application/json: { schema: { $ref: '#/components/schemas/Project' } } } }
components:
  schemas:
    Project:
      type: object
      properties:
        id: { type: string }
        name: { type: string }
        type: { type: string }
        manager: { type: string }
        tags: { type: array }
`,
};

/** The project's files with one text replaced by another in one of them; null takes the file away. */
export function changed(file: string, from: string | null, to: string | null): Map<string, string> {
  const files = new Map(Object.entries(projectTexts));
  if (to === null) files.delete(file);
  else if (from === null) files.set(file, to);
  else {
    const text = files.get(file) ?? '';
    if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
    files.set(
      file,
      text.replace(from, () => to),
    );
  }
  return files;
}
