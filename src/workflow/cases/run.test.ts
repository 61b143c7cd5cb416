import { describe, expect, test } from 'vitest';
import { soundProject, testFile, told } from '../../../test/support/cases.ts';
import { changed } from '../../../test/support/project-texts.ts';

const lead = { lead_id: 'L-1', email: 'Ada@x.example', name: 'Ada', project_type: 'web', budget: 5000 };
const large = { ...lead, budget: 60_000 };

describe('what holds', () => {
  test.each<[what: string, content: object]>([
    [
      'the state, and who answers',
      { payload: lead, expect: { state: 'handoff', owner: 'team:growth', alternate: 'person:omar' } },
    ],
    [
      'the route and a range of its confidence',
      { payload: lead, expect: { route: 'team:web', confidence: { from: 0.9 } } },
    ],
    [
      'fields of the ticket, those that matter',
      { payload: lead, expect: { ticket: { email: 'ada@x.example' } } },
    ],
    ['the identity', { payload: lead, expect: { identity: 'L-1' } }],
    [
      'reasons, by code or by what they say',
      { payload: lead, expect: { reasons: { routing: 'confidence 1', checks: 'checks_held' } } },
    ],
    ['all handoffs by their ids', { payload: lead, expect: { handoffs: ['create-project', 'announce'] } }],
    [
      'one request, as far as it matters',
      {
        payload: lead,
        expect: {
          handoffs: {
            'create-project': { method: 'POST', path: '/projects', body: { tags: ['new', 1, true, null] } },
          },
        },
      },
    ],
    [
      'what a handoff waits for',
      { payload: lead, expect: { handoffs: { announce: { state: 'waiting', after: ['create-project'] } } } },
    ],
    [
      'an approval and its deadline',
      {
        payload: large,
        expect: {
          handoffs: { 'create-project': { approval: { by: 'team:growth', within: '4h', due: '4h' } } },
        },
      },
    ],
    [
      'that no approval is asked',
      { payload: lead, expect: { handoffs: { 'create-project': { approval: 'none' } } } },
    ],
    [
      'an exception with its policy and deadlines, from the clock or as instants',
      {
        payload: { ...lead, name: undefined },
        expect: {
          state: 'exception',
          due: '5m',
          exception: {
            mode: 'contract_violation',
            summary: 'name is missing',
            fields: ['/name'],
            ttl: '5m',
            claim_by: '2026-03-02T09:05:00Z',
            resolve_by: '1d',
            owner: 'team:web',
            checklist: ['Find the form'],
          },
        },
      },
    ],
    [
      'which check failed',
      {
        payload: { ...lead, budget: 1 },
        expect: { exception: { mode: 'check_failed', checks: ['budget-in-range'] } },
      },
    ],
    ['a body as it is sent', { body: '{"lead_id"', expect: { exception: { mode: 'unparseable' } } }],
    [
      'changes to a payload',
      { payload: lead, with: { project_type: 'brand' }, expect: { state: 'triage', route: 'none' } },
    ],
    [
      'a person who sends it elsewhere',
      {
        payload: lead,
        with: { project_type: 'brand' },
        reroute: 'team:web',
        expect: { state: 'handoff', route: 'team:web' },
      },
    ],
    ['the same again', { payload: lead, held: 'same', expect: { state: 'joined' } }],
    [
      'the same identity with other content',
      {
        payload: lead,
        held: { with: { name: 'Eve' } },
        expect: { exception: { mode: 'conflicting_duplicate' } },
      },
    ],
    [
      'another identity holds nothing',
      { payload: lead, held: { with: { lead_id: 'L-2' } }, expect: { state: 'handoff' } },
    ],
    ['an identity that is forgotten', { payload: lead, held: { ago: '31d' }, expect: { state: 'handoff' } }],
    [
      'what must not be, each by itself',
      { payload: lead, not: { state: 'done', exception: {}, route: 'team:growth' } },
    ],
  ])('%s', (_, content) => {
    expect(told(content)).toEqual([]);
  });

  test('newer content is taken by a ticket that can, and is a conflict for one that cannot', () => {
    const project = soundProject(
      changed('workflows/lead.yaml', '{ within: 30d }', '{ within: 30d, other_content: update }'),
    );
    const newer = { payload: lead, expect: { state: 'handoff', revised: true } };
    expect(told({ ...newer, held: { with: { name: 'Eve' } } }, project)).toEqual([]);
    const fixed = {
      payload: lead,
      expect: { revised: false, exception: { mode: 'conflicting_duplicate', summary: 'it is done' } },
    };
    expect(told({ ...fixed, held: { with: { name: 'Eve' }, fixed: 'it is done' } }, project)).toEqual([]);
  });
});

describe('what does not hold is told with what was expected and what came', () => {
  test.each<[content: object, lines: readonly string[], reason: string]>([
    [{ expect: { state: 'done' } }, ['state expected done came handoff'], 'a text'],
    [{ expect: { confidence: 0.5 } }, ['confidence expected 0.5 came 1'], 'a number'],
    [
      { expect: { due: '5m' } },
      ['due expected 5m came 0s (2026-03-02T09:00:00.000Z)'],
      'a deadline, from the clock',
    ],
    [
      { expect: { exception: { mode: 'no_route' } } },
      ['exception expected { mode: no_route } came nothing'],
      'an exception that there is not',
    ],
    [
      { expect: { handoffs: ['announce'] } },
      ['handoffs expected [ announce ] came [ create-project, announce ]'],
      'a list is all of it',
    ],
    [
      { expect: { handoffs: { 'create-project': { body: { name: 'Lead Eve', type: 'web' } } } } },
      ['handoffs.create-project.body.name expected Lead Eve came Lead Ada'],
      'only the field that differs',
    ],
    [
      { expect: { handoffs: { 'create-project': { body: { tags: ['new', 2, true, null] } } } } },
      ['handoffs.create-project.body.tags[2] expected 2 came 1'],
      'an element, counted from 1',
    ],
    [
      { not: { state: 'handoff', handoffs: ['announce'] } },
      ['state should not be handoff', 'handoffs.announce should not be'],
      'what should not be',
    ],
    [
      { expect: { state: 'done', route: 'team:growth' } },
      ['state expected done came handoff', 'route expected team:growth came team:web'],
      'all at once',
    ],
  ])('%j', (content, lines) => {
    const failures = told({ payload: lead, ...content });
    expect(failures.map((line, index) => line.slice(0, lines[index]?.length))).toEqual(lines);
  });

  test('each failure has its own line, and the case the reasons of the decision', () => {
    const file = [
      'workflow: lead',
      'cases:',
      '  - name: one',
      `    payload: ${JSON.stringify(lead)}`,
      '    expect:',
      '      state: handoff',
      '      route: team:growth',
    ].join('\n');
    const [result] = testFile(file).results;
    expect(result?.failures.map(({ at }) => at)).toEqual([{ file: 'cases/lead.yaml', line: 7, column: 7 }]);
    expect(result?.reasons.map(({ rung }) => rung)).toEqual([
      'contract',
      'transform',
      'checks',
      'routing',
      'handoff',
    ]);
  });
});

test('a recorded trigger stands for itself, with its headers and its time', () => {
  const recorded = {
    content_type: 'application/x-www-form-urlencoded',
    headers: { 'x-a': 'b' },
    body: Buffer.from('lead_id=L-9').toString('base64'),
    part: null,
    received_at: '2026-02-01T00:00:00.000Z',
  };
  const file = JSON.stringify({
    cases: [
      {
        name: 'one',
        recorded: 'r.json',
        expect: { identity: 'L-9', exception: { resolve_by: '2026-02-02T00:00:00Z' } },
      },
    ],
  });
  const { results, diagnostics } = testFile(file, {}, soundProject(), {
    'cases/r.json': JSON.stringify(recorded),
  });
  expect([diagnostics, results[0]?.failures]).toEqual([[], []]);
});

test('credentials are kept of no trigger: no expression of a case sees them either', () => {
  const reads = `'"x-api-key" in headers ? headers["x-api-key"] : "none"'`;
  const project = soundProject(changed('workflows/lead.yaml', 'payload.email.lowerAscii()', reads));
  const headers = { 'X-Api-Key': 'abc' };
  expect(told({ payload: lead, headers, expect: { ticket: { email: 'none' } } }, project)).toEqual([]);
});

test('a delivery that is split: each of its triggers can be a case', () => {
  const project = soundProject(
    changed(
      'workflows/lead.yaml',
      '  identity: payload.lead_id',
      '  split: payload.leads\n  identity: payload.lead_id',
    ),
  );
  const payload = { leads: [lead, { ...lead, lead_id: 'L-2' }] };
  expect(told({ payload, part: 1, expect: { identity: 'L-2' } }, project)).toEqual([]);
  expect(told({ payload: lead, expect: { identity: 'L-1', state: 'handoff' } }, project)).toEqual([]);
});
