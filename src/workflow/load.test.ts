import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { type Diagnostic, formatDiagnostic } from './diagnostics.ts';
import { loadProject } from './load.ts';
import { changed, projectTexts } from './project.fixture.ts';

const lead = 'workflows/lead.yaml';
const yaml = 'signalbox.yaml';
const contract = 'contracts/lead.schema.json';

const exceptionsSection = projectTexts[lead]?.slice(projectTexts[lead].indexOf('exceptions:')) ?? '';

function found(files: ReadonlyMap<string, string>): string[] {
  return loadProject(files).diagnostics.map(
    ({ file, line, column, code, message }: Diagnostic) => `${file}:${line}:${column} ${code} ${message}`,
  );
}

test('a sound project loads without a finding', () => {
  expect(found(changed(lead, '', ''))).toEqual([]);
});

/** What is replaced in which file, by what; what is found; why it is wrong. */
type Row = [file: string, from: string | null, to: string | null, findings: string[], reason: string];

const shape: Row[] = [
  [lead, 'owner: team:growth', 'ownr: team:growth', [], 'a misspelt key is told once, not as missing too'],
  [
    lead,
    'summary: A lead becomes a project.\n',
    'colour: red\n',
    [],
    'nothing near: what may stand there is listed',
  ],
  [lead, 'owner: team:growth\n', '', [], 'no owner'],
  [lead, 'alternate: person:omar\n', '', [], 'no alternate'],
  [lead, '  ttl: 15m\n', '', [], 'an exception without a TTL waits forever'],
  [lead, exceptionsSection, '', [], 'no exception path'],
  [lead, '  owner: team:web\n', '', [], 'no owner of exceptions'],
  [
    lead,
    '    outcome:\n      read: GET /messages/{id}\n      with: { id: response.id }\n      same: [text]\n      within: 1m\n',
    '',
    [],
    'a handoff without an outcome',
  ],
  [lead, '      same: [text]\n', '', [], 'an outcome that proves nothing'],
  [lead, 'same: [text]', 'same: [txt]', [], 'a field that was never sent'],
  [lead, 'ttl: 15m', 'ttl: 15 minutes', [], 'not a duration'],
  [lead, 'ttl: 15m', 'ttl: 15', [], 'a number without its unit'],
  [lead, 'weight: 2', 'weight: 0', [], 'evidence that counts nothing'],
  [lead, 'routes:\n', 'routes:\n  threshold: 1.5\n', [], 'more than certain'],
  [lead, 'attempts: 3', 'attempts: 0', [], 'a retry that never tries'],
  [lead, 'workflow: lead', 'workflow: Lead one', [], 'a name that no address can hold'],
  [lead, 'expect: { every: 4h }', 'on_invalid: rejct', [], 'one of two words'],
  [lead, 'contract_violation:', 'contract_violatoin:', [], 'a failure mode that does not exist'],
  [lead, 'checks:\n', 'owner: team:web\nchecks:\n', [], 'a key that stands twice'],
  [
    lead,
    'name: \'"Lead " + payload.name\'',
    'name: payload.tags ? a : b',
    [],
    'CEL with a colon outside of quotes',
  ],
  [lead, null, '', [], 'an empty file'],
  [lead, null, '- a\n- b\n', [], 'a list'],
  [lead, null, null, [], 'no workflow at all'],
  [yaml, null, null, [], 'no project file'],
];

const references: Row[] = [
  [lead, 'alternate: person:omar', 'alternate: person:omer', [], 'a person who does not exist'],
  [lead, 'alternate: person:omar', 'alternate: person:web', [], 'a team is not a person'],
  [lead, 'alternate: person:omar', 'alternate: omar', [], 'a person or a team?'],
  [lead, 'alternate: person:omar', 'alternate: team:growth', [], 'nobody is left when the owner is away'],
  [lead, '  alternate: person:dana', '  alternate: team:web', [], 'the same for exceptions'],
  [
    lead,
    '      ttl: 5m\n',
    '      alternate: team:web\n',
    [],
    'the same for one failure mode, with what it inherits',
  ],
  [lead, '      ttl: 5m\n', '      ttl: 2d\n', [], 'settled before it was taken, in one mode'],
  [lead, '  ttl: 15m', '  ttl: 2d', [], 'settled before it was taken'],
  [lead, 'escalate: [person:omar]', 'escalate: [person:omar, team:board]', [], 'escalated to nobody'],
  [lead, 'to: team:web', 'to: team:wep', [], 'routed to nobody'],
  [lead, 'by: team:growth', 'by: team:finance', [], 'approved by nobody'],
  [lead, 'source: meta-ads', 'source: meta-add', [], 'a source that does not exist'],
  [lead, 'to: pm-tool', 'to: pmtool', [], 'a destination that does not exist'],
  [
    lead,
    'operation: createProject',
    'operation: createProjekt',
    [],
    'an operation that the document does not have',
  ],
  [
    lead,
    'operation: POST /messages',
    'operation: postMessage',
    [],
    'an operationId where there is no document',
  ],
  [
    lead,
    'read: getProject\n      with: { id: response.id }',
    'read: getProject',
    [],
    'a parameter is missing',
  ],
  [
    lead,
    'read: GET /messages/{id}\n      with: { id: response.id }',
    'read: GET /messages/{id}',
    [],
    'a name in the path is not filled',
  ],
  [
    lead,
    'with: { id: response.id }',
    'with: { id: response.id, idd: response.id }',
    [],
    'a parameter that the operation does not have',
  ],
  [lead, 'id: announce', 'id: create-project', [], 'two handoffs of one name'],
  [lead, 'after: [create-project]', 'after: [create-projct]', [], 'waits for nothing'],
  [lead, 'after: [create-project]', 'after: [announce]', [], 'waits for itself'],
  [
    lead,
    '\'"new"\', 1, true] }',
    '\'"new"\', 1, true] }\n    after: [announce]',
    [],
    'two that wait for each other',
  ],
  [lead, '../contracts/lead', '../contracts/leed', [], 'a contract that is not there'],
  [lead, '../contracts/lead', '../../contracts/lead', [], 'a contract outside of the project'],
  [lead, 'lead.schema.json', 'lead.schema.json#/definitions/Lead', [], 'a pointer to nothing'],
  [contract, '"type": "object",', '"type": "object"', [], 'a contract that is not JSON'],
  [contract, '"type": "object"', '"type": "objekt"', [], 'a contract that is no JSON Schema'],
  ['pm-tool.openapi.yaml', 'paths:', 'paths: [', [], 'an API document that is not YAML'],
  ['pm-tool.openapi.yaml', null, null, [], 'an API document that is not there'],
];

const expressions: Row[] = [
  [lead, 'payload.email.lowerAscii()', 'payload.email.', [], 'CEL that ends too early'],
  [lead, '"web"', '"web', [], 'a text without its end'],
  [
    lead,
    'budget: double(payload.budget)',
    'budget: double(payload.budgett)',
    [],
    'a field that the contract does not have',
  ],
  [
    lead,
    'that: ticket.budget >= 500.0',
    'that: ticket.budgett >= 500.0',
    [],
    'a field that the ticket does not have',
  ],
  [lead, 'that: ticket.budget >= 500.0', 'that: ticket.budget', [], 'a check that is a number'],
  [lead, 'when: ticket.project_type == "web"', 'when: \'"web"\'', [], 'a condition that is a text'],
  [lead, 'identity: payload.lead_id', 'identity: payload.tags', [], 'an identity that is a list'],
  [lead, 'that: ticket.budget >= 2000.0', 'that: route == "team:web"', [], 'a name that is not seen there'],
  [
    lead,
    'when: ticket.budget > 50000.0',
    'when: ticket.project_type > 50000.0',
    [],
    'a text compared with a number',
  ],
  [lead, 'with: { id: response.id }', 'with: { id: result.id }', [], 'what is not read yet'],
  [
    lead,
    'name: \'"Lead " + payload.name\'',
    "name: '\"it''s \" + payload.nme'",
    [],
    'the place within quotes',
  ],
  [
    lead,
    'that: ticket.budget >= 500.0',
    'that: |\n      ticket.budget >= 500.0 &&\n      ticket.budgett <= 1000.0',
    [],
    'the place in a block',
  ],
];

const project: Row[] = [
  [yaml, 'secret: { env: META_SECRET }', 'secret: hunter2', [], 'a secret in the file'],
  [yaml, 'secret: { env: META_SECRET }', 'secrets: [hunter2]', [], 'a secret in a list'],
  [yaml, 'secret: { env: META_SECRET }', 'secret: { env: A, file: b }', [], 'which of the two?'],
  [yaml, ', secret: { env: META_SECRET }', '', [], 'nothing to prove it by'],
  [yaml, 'secret: { env: META_SECRET }', 'secret: { env: A }, header: x', [], 'a key of another scheme'],
  [yaml, 'scheme: github', 'scheme: hmac', [], 'a signature in no header'],
  [yaml, 'scheme: github', 'scheme: gitlab', [], 'a scheme that does not exist'],
  [yaml, 'scheme: github', 'scheme: none', [], 'a secret that proves nothing'],
  [yaml, 'auth: { scheme: bearer, ', 'auth: { scheme: basic, ', [], 'no user name'],
  [yaml, 'owner: person:dana', 'owner: person:dena', [], 'a source that nobody answers for'],
  [yaml, 'members: [omar]', 'members: [omra]', [], 'a member who does not exist'],
  [yaml, 'members: [omar]', 'members: []', [], 'a team without people'],
  [yaml, 'https://chat.example.com', 'https://user:pass@chat.example.com', [], 'credentials in an address'],
  [yaml, 'https://chat.example.com', 'ftp://chat.example.com', [], 'not HTTP'],
  [yaml, '  chat:\n', '  chat:\n    timeout: 1h\n', [], 'an attempt that blocks for an hour'],
  [yaml, 'openapi: pm-tool', 'openapi: ../pm-tool', [], 'a document outside of the project'],
  [yaml, '  dana:', '  Dana Reyes:', [], 'a key that cannot be referred to'],
  [yaml, 'project: agency\n', 'project: agency\nsorces: {}\n', [], 'a section that does not exist'],
];

describe.each([
  ['shape', shape],
  ['references', references],
  ['expressions', expressions],
  ['signalbox.yaml', project],
])('%s', (_, rows) => {
  test.each(rows)('%s: %j → %j finds %j: %s', (file, from, to, findings) => {
    expect(found(changed(file, from, to))).toEqual(findings);
  });
});
