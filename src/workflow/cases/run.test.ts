import { describe, expect, test } from 'vitest';
import { soundProject, testFile } from '../../../test/support/cases.ts';
import { changed } from '../../../test/support/project-texts.ts';
import { failureLines } from './told.ts';

const lead = { lead_id: 'L-1', email: 'Ada@x.example', name: 'Ada', project_type: 'web', budget: 5000 };
const large = { ...lead, budget: 60_000 };
const made = { id: 'P-1', name: 'Lead Ada', type: 'web', manager: 'Omar' };

function one(content: object): string {
  return JSON.stringify({
    workflow: 'lead',
    now: '2026-03-02T09:00:00Z',
    cases: [{ name: 'one', ...content }],
  });
}

/** What does not hold, as a report says it. */
function told(content: object, project = soundProject()): string[] {
  const report = testFile(one(content), {}, project);
  expect(report.diagnostics).toEqual([]);
  return report.results.flatMap(({ failures }) =>
    failures.map((each) => failureLines(each).join(' ').replace(/ +/g, ' ')),
  );
}

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

describe('what happens then', () => {
  const answer = { handoff: 'create-project', status: 201, body: made };
  const read = { handoff: 'create-project', body: made };

  test.each<[what: string, payload: object, then: readonly object[]]>([
    [
      'a proof, which lets the next handoff go on, and then the ticket is done',
      lead,
      [
        {
          answer,
          expect: { handoffs: { 'create-project': { state: 'confirming', due: '15m', attempts: 1 } } },
        },
        {
          read,
          expect: {
            state: 'handoff',
            handoffs: { 'create-project': { outcome: 'confirmed' }, announce: { state: 'ready' } },
          },
        },
        { answer: { handoff: 'announce', body: { id: 1 } } },
        { read: { handoff: 'announce', body: { text: 'team:web' } }, expect: { state: 'done' } },
      ],
    ],
    [
      'a lie: yes, and something else is there',
      lead,
      [
        { answer },
        {
          read: { handoff: 'create-project', body: { ...made, name: 'Lead Eve', manager: '' } },
          expect: {
            state: 'exception',
            exception: {
              mode: 'contradicted',
              handoff: 'create-project',
              summary: 'result.manager != "" does not hold',
            },
            handoffs: {
              'create-project': { state: 'failed', outcome: 'contradicted', different: ['name'] },
              announce: { state: 'waiting' },
            },
          },
        },
      ],
    ],
    [
      'a record that comes late is not yet a lie',
      lead,
      [
        { answer },
        { read: { handoff: 'create-project', status: 404, early: true }, expect: { state: 'handoff' } },
        { read, expect: { handoffs: { 'create-project': { outcome: 'confirmed' } } } },
      ],
    ],
    [
      'an answer that nothing can be asked about',
      lead,
      [
        { answer: { ...answer, body: {} } },
        { read, expect: { exception: { mode: 'unconfirmed', summary: 'cannot be read' } } },
      ],
    ],
    [
      'an answer against the document',
      lead,
      [
        {
          answer: { ...answer, body: { id: 7 } },
          expect: { exception: { mode: 'destination_contract_violation', fields: ['/id'] } },
        },
      ],
    ],
    [
      'a no',
      lead,
      [
        {
          answer: { handoff: 'create-project', status: 403 },
          expect: { exception: { mode: 'rejected', summary: 'credential' } },
        },
      ],
    ],
    [
      'a destination that is down, until nobody tries any more',
      lead,
      [
        {
          answer: { handoff: 'create-project', status: 503, headers: { 'retry-after': '60' } },
          expect: { handoffs: { 'create-project': { state: 'ready', due: '60s' } } },
        },
        {
          answer: { handoff: 'create-project', lost: 'unknown', times: 2 },
          expect: { exception: { mode: 'attempts_exhausted' } },
        },
      ],
    ],
    [
      'a yes',
      large,
      [
        {
          approve: { handoff: 'create-project', by: 'person:dana' },
          expect: { handoffs: { 'create-project': { state: 'ready', approval: { state: 'approved' } } } },
        },
      ],
    ],
    [
      'a no of a person',
      large,
      [
        {
          refuse: { handoff: 'create-project', by: 'person:dana', reason: 'too much' },
          expect: { exception: { mode: 'refused', summary: 'too much' } },
        },
      ],
    ],
    [
      'no answer in time',
      large,
      [{ wait: '4h', expect: { exception: { mode: 'approval_overdue', resolve_by: '1d' } } }],
    ],
    [
      'nobody takes an exception: it goes up, rung by rung',
      { ...lead, budget: 1 },
      [
        { wait: '14m', expect: { exception: { responsible: 'team:web', claim_by: '1m' } } },
        { wait: '1m', expect: { exception: { responsible: 'person:dana' } } },
        { wait: '15m', expect: { exception: { responsible: 'person:omar' } } },
      ],
    ],
  ])('%s', (_, payload, then) => {
    expect(told({ payload, then })).toEqual([]);
  });

  test.each<[step: object, payload: object, why: string]>([
    [{ read }, lead, 'then[1] cannot happen create-project is ready: there is nothing to read back yet'],
    [
      { answer },
      large,
      'then[1] cannot happen create-project is awaiting approval: nothing is sent, so that nothing is answered',
    ],
    [
      { approve: { handoff: 'create-project', by: 'person:omar' } },
      large,
      'then[1] cannot happen Only team:growth can decide this, not person:omar',
    ],
    [
      { approve: { handoff: 'create-project', by: 'person:dana' } },
      lead,
      'then[1] cannot happen create-project is ready: nobody is asked for a yes',
    ],
    [
      { answer },
      { ...lead, budget: 1 },
      'then[1] cannot happen create-project was not promised: there is nothing to play',
    ],
  ])('%j cannot happen then', (step, payload, why) => {
    const then = [step, { wait: '1h', expect: { state: 'done' } }];
    expect(told({ payload, then })).toEqual([why]);
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
