import { firstCases } from './skeleton-cases.ts';
import { editorFiles } from './skeleton-editor.ts';
import { notebookDocument, notebookScript } from './skeleton-notebook.ts';

/** What a newcomer types after `signalbox init`, in the project folder. */
export const skeletonSteps: readonly string[] = [
  'node notebook.mjs &                                      # the destination: a small notebook on this machine',
  'npx signalbox check && npx signalbox test                # no mistake in it, and what must hold does',
  'npx signalbox up &',
  'npx signalbox send website-form payloads/contact.json    # prints the ticket',
  'npx signalbox ticket <its id>                            # the whole story, to the confirmed outcome',
];

/**
 * The files of a new project, by path: one source, one contract, one workflow, and a destination that runs as it is.
 * `secret`: a random text, the token of the source; it goes into a file that is not committed.
 */
export function skeleton(secret: string): Readonly<Record<string, string>> {
  return {
    'signalbox.yaml': project,
    'workflows/contact-request.yaml': workflow,
    'contracts/contact.schema.json': contract,
    'payloads/contact.json': payload,
    'cases/contact-request.yaml': firstCases,
    'notebook.openapi.yaml': notebookDocument,
    'notebook.mjs': notebookScript,
    'secrets/website-form': `${secret}\n`,
    ...editorFiles(),
    '.gitignore': '.signalbox/\nsecrets/\nnode_modules/\n',
  };
}

const project = `# yaml-language-server: $schema=./schemas/project.schema.json
project: contact-requests

server: { host: 127.0.0.1, port: 8321 }

people:
  ana: { name: Ana Silva, email: ana@example.com }
  ben: { name: Ben Otieno, email: ben@example.com }
  chloe: { name: Chloé Martin, email: chloe@example.com }

teams:
  sales: { name: Sales, members: [ana, ben] }
  support: { name: Support, members: [chloe] }

sources:
  website-form:
    summary: The contact form on our website.
    owner: person:chloe
    verify:
      scheme: bearer
      secret: { file: secrets/website-form } # never the secret itself

destinations:
  notebook:
    summary: Where the teams keep what they have to answer. Run it with \`node notebook.mjs\`.
    url: http://127.0.0.1:8399
    openapi: notebook.openapi.yaml
    allow_private: true # it runs on this machine
    timeout: 5s
`;

const workflow = `# yaml-language-server: $schema=../schemas/workflow.schema.json
workflow: contact-request
summary: A request from the website becomes a note that the right team answers.
metric: Requests with a note in the notebook within 15 minutes
owner: team:sales # answers for it until the outcome is confirmed
alternate: person:chloe

trigger:
  source: website-form # signalbox.yaml says how it proves itself
  contract: ../contracts/contact.schema.json
  identity: payload.request_id
  duplicates: { within: 30d } # same id, same content: joined; other content: exception

ticket: # one CEL expression a field
  email: payload.email.lowerAscii()
  topic: payload.topic
  words: double(payload.message.size())

checks:
  - id: message-says-something
    that: ticket.words >= 10.0
    otherwise: The message is too short to act on
    checklist:
      - Write to the sender and ask what they need
      - Complete the message and replay

routes:
  threshold: 0.8 # less sure than this goes to triage
  rules:
    - to: team:sales
      when: ticket.topic == "sales"
    - to: team:support
      when: ticket.topic == "support"

handoffs:
  - id: write-note
    to: notebook
    operation: addNote # of notebook.openapi.yaml: request and answer are checked against it
    body:
      title: '"Request from " + payload.name'
      text: payload.message
      team: route
      from: ticket.email
    retry: { attempts: 8, for: 1d }
    outcome: # proof, not hope
      read: getNote
      with: { id: response.id }
      same: [title, text, team, from] # what was sent is what is there
      within: 15m

exceptions:
  owner: team:support
  alternate: person:ana
  ttl: 15m # someone has taken it by then, or it escalates
  resolve_within: 1d
  escalate: [person:ben]
  root_causes: [form-changed, workflow-wrong, notebook-down, human-error]
  on:
    contract_violation:
      checklist:
        - Find what the form sent, and why
        - Repair the payload and replay
    unparseable: { checklist: [Ask Chloé what the form sent, 'Replay with a repaired payload, or discard'] }
    conflicting_duplicate: { checklist: [Compare it with the first request, 'Replay it if it is other work, or discard'] }
    transform_failed: { checklist: [Find the field that could not be made, Repair payload or workflow and replay] }
    no_route: { checklist: [Read the message, Re-route it to sales or support] }
    ambiguous: { checklist: [Read the message, Re-route it to sales or support] }
    rejected: { checklist: [Read what the notebook answered, Repair it there or here and retry] }
    attempts_exhausted: { checklist: [See whether the notebook runs, Retry] }
    destination_contract_violation: { checklist: [Compare the request with notebook.openapi.yaml, Repair and replay] }
    unconfirmed: { checklist: [Look for the note in the notebook, Confirm it by hand or retry] }
    contradicted: { checklist: [Compare the note with the request, Correct the note and confirm it by hand] }
`;

const contract = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "A request from the contact form",
  "type": "object",
  "required": ["request_id", "name", "email", "topic", "message"],
  "properties": {
    "request_id": { "type": "string", "minLength": 1, "maxLength": 100 },
    "name": { "type": "string", "minLength": 1, "maxLength": 200 },
    "email": { "type": "string", "format": "email" },
    "topic": { "enum": ["sales", "support"] },
    "message": { "type": "string", "maxLength": 10000 }
  }
}
`;

const payload = `{
  "request_id": "req-1001",
  "name": "Noor Haddad",
  "email": "Noor@example.com",
  "topic": "sales",
  "message": "We would like a new website for our bakery. Can we talk next week?"
}
`;
