import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lead, projectFiles } from '../../../test/support/project.ts';
import { recordedBy } from '../../../test/support/recorded.ts';
import type { RecordedTrigger } from '../../ticket/recorded/recorded.ts';
import { loadProject } from '../load.ts';
import type { CompiledWorkflow } from '../workflow.ts';
import { compared, workflowsBySource } from './compare.ts';
import { judge, parseGate } from './gate.ts';
import type { Metric } from './metrics.ts';
import { addTally, count, newTally, type Tally } from './tally.ts';

const files = projectFiles('http://tool.example');

/** The workflow of a project with some text of it replaced. */
function workflowWith(from = '', to = '', path = 'workflows/leads.yaml'): CompiledWorkflow {
  const text = files[path] ?? '';
  expect(text).toContain(from);
  const { project, diagnostics } = loadProject(
    new Map(Object.entries({ ...files, [path]: text.replace(from, to) })),
  );
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const workflow = project?.workflows.get('leads');
  if (workflow === undefined) throw new Error('it has the workflow');
  return workflow;
}

const inForce = workflowWith();

function tallyOf(workflow: CompiledWorkflow, all: readonly RecordedTrigger[]): Tally {
  const tally = newTally();
  for (const recorded of all) count(tally, recorded, compared(workflowsBySource([workflow]), recorded));
  return tally;
}

/** What is not zero, without what was looked at. */
function counts({ counts: { tickets: _, ...all } }: Tally): Partial<Record<Metric, number>> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value > 0));
}

const good = recordedBy(inForce, lead('1'));
const small = recordedBy(inForce, lead('2', { budget: 100 }));
const brand = recordedBy(inForce, lead('3', { project_type: 'brand' }));
const broken = recordedBy(inForce, lead('4', { project_type: undefined }));
const garbage = recordedBy(inForce, '{"lead_id":');
const conflict = recordedBy(
  inForce,
  lead('1', { budget: 600 }),
  {},
  {
    holder: { ticketId: good.ticket, digest: 'f'.repeat(64), version: null, fixed: null },
    rerouteTo: null,
  },
);
const part = recordedBy(inForce, lead('5'), { part: 1 });
const all = [good, small, brand, broken, garbage, conflict, part];

test('under the same files nothing changes, whatever came', () => {
  const tally = tallyOf(inForce, all);
  expect(counts(tally)).toEqual({ unparseable: 1 });
  expect([tally.decided, tally.groups.size]).toEqual([all.length, 0]);
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        lead_id: fc.string(),
        name: fc.string(),
        project_type: fc.constantFrom('web', 'brand'),
        budget: fc.double(),
      },
      { requiredKeys: [] },
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        value.map((each) => JSON.stringify(each)),
        fc.string(),
      ),
      (body) => {
        const { unparseable: _, ...others } = counts(tallyOf(inForce, [recordedBy(inForce, body)]));
        expect(others).toEqual({});
      },
    ),
    { numRuns: 60 },
  );
});

describe('what a changed file comes to', () => {
  type Row = [
    file: string,
    from: string,
    to: string,
    recorded: RecordedTrigger,
    counts: Partial<Record<Metric, number>>,
    was: string,
    now: string,
    reason: string,
  ];
  const workflow = 'workflows/leads.yaml';
  const stops = { changed: 1, state: 1, 'new-exceptions': 1 };
  test.each<Row>([
    [
      workflow,
      '>= 500.0',
      '>= 9000.0',
      good,
      { ...stops, route: 1, confidence: 1, 'gone-handoffs': 1 },
      'team:web',
      'exception check_failed: budget-in-range: Budget is under 500',
      'a stricter check stops it',
    ],
    [
      workflow,
      '>= 500.0',
      '>= 50.0',
      small,
      { changed: 1, state: 1, route: 1, confidence: 1, 'gone-exceptions': 1, 'new-handoffs': 1 },
      'exception check_failed: budget-in-range: Budget is under 500',
      'team:web',
      'a milder check lets it through',
    ],
    [
      workflow,
      '== "web"',
      '== "brand"',
      good,
      { ...stops, route: 1, confidence: 1, 'gone-handoffs': 1, 'new-triage': 1 },
      'team:web',
      'triage: no_route',
      'no rule matches any more',
    ],
    [
      workflow,
      'to: team:web',
      'to: team:growth',
      good,
      { changed: 1, route: 1 },
      'team:web',
      'team:growth',
      'another team',
    ],
    [
      workflow,
      'owner: team:growth',
      'owner: person:dana',
      good,
      { changed: 1, owner: 1 },
      'team:web (team:growth)',
      'team:web (person:dana)',
      'another owner of the ticket',
    ],
    [
      workflow,
      'owner: team:triage\n  alternate: person:omar\n  ttl: 15m\n  resolve_within: 1d\n  escalate: [person:dana]',
      'owner: team:growth\n  alternate: person:omar\n  ttl: 15m\n  resolve_within: 1d',
      small,
      { changed: 1, owner: 1 },
      'exception check_failed: budget-in-range: Budget is under 500 (team:growth, exception on team:triage)',
      'exception check_failed: budget-in-range: Budget is under 500 (team:growth, exception on team:growth)',
      'another takes its exception',
    ],
    [
      workflow,
      'name: ticket.name,',
      'name: ticket.name + "!",',
      good,
      { changed: 1, 'changed-requests': 1 },
      'team:web',
      'team:web, sends otherwise create-record: /request/body/name',
      'something else is sent',
    ],
    [
      workflow,
      'operation: POST /records\n',
      'operation: POST /records\n    approval: { by: team:growth, within: 1h }\n',
      good,
      { changed: 1, 'changed-requests': 1 },
      'team:web',
      'team:web, sends otherwise create-record: /approval',
      'it waits for a yes',
    ],
    [
      workflow,
      'id: create-record',
      'id: make-record',
      good,
      { changed: 1, 'new-handoffs': 1, 'gone-handoffs': 1 },
      'team:web',
      'team:web, hands off make-record, no longer hands off create-record',
      'another handoff',
    ],
    [
      workflow,
      'identity: payload.lead_id',
      'identity: payload.name',
      good,
      { 'changed-identities': 1 },
      '',
      '',
      'repeats are told apart otherwise, the ticket goes where it went',
    ],
    [
      workflow,
      'source: form',
      'source: form\n  on_invalid: reject',
      broken,
      { changed: 1, state: 1, 'gone-exceptions': 1 },
      'exception contract_violation: /project_type (required)',
      'refused (422): /project_type (required)',
      'its sender is told',
    ],
    [
      'contracts/lead.schema.json',
      '"name":{"type":"string"}',
      '"name":{"type":"string","maxLength":3}',
      good,
      { ...stops, route: 1, confidence: 1, 'gone-handoffs': 1 },
      'team:web',
      'exception contract_violation: /name (maxLength)',
      'a stricter contract',
    ],
    [
      workflow,
      'identity: payload.lead_id',
      'identity: payload.name',
      conflict,
      {
        changed: 1,
        state: 1,
        route: 1,
        confidence: 1,
        'gone-exceptions': 1,
        'new-handoffs': 1,
        'changed-identities': 1,
      },
      'exception conflicting_duplicate',
      'team:web',
      'the ticket it conflicted with is a stranger',
    ],
    [workflow, '>= 500.0', '>= 9000.0', conflict, {}, '', '', 'a conflict is still one'],
    [
      workflow,
      'source: form',
      `source: form\n  split: '[payload, payload]'`,
      good,
      { changed: 1, split: 1 },
      'team:web',
      'split into several tickets',
      'it would be another number of tickets',
    ],
    [
      workflow,
      'source: form',
      `source: form\n  split: '[payload]'`,
      good,
      {},
      '',
      '',
      'a delivery that holds one is one ticket still',
    ],
  ])('%s: %s → %s', (path, from, to, recorded, expected, was, now) => {
    const tally = tallyOf(workflowWith(from, to, path), [recorded]);
    expect(counts(tally)).toEqual(expected);
    const groups = [...tally.groups.values()];
    expect(groups.map((group) => [group.from, group.to])).toEqual(was === '' ? [] : [[was, now]]);
  });

  test('a source that nobody reads any more is told apart, and so is what was erased', () => {
    const tally = newTally();
    count(tally, good, compared(new Map(), good));
    count(tally, small, compared(new Map(), { ...small, body: null }));
    expect(counts(tally)).toEqual({ changed: 1, 'not-taken': 1, erased: 1 });
    expect(tally.decided).toBe(0);
  });
});

test('tallies add up: however the tickets are dealt to threads, the sum is the same', () => {
  const other = workflowWith('>= 500.0', '>= 9000.0');
  const whole = tallyOf(other, all);
  for (let cut = 0; cut <= all.length; cut += 1) {
    const sum = newTally();
    addTally(sum, tallyOf(other, all.slice(cut)));
    addTally(sum, tallyOf(other, all.slice(0, cut)));
    expect(sum.counts).toEqual(whole.counts);
    expect(new Map([...sum.groups].sort())).toEqual(new Map([...whole.groups].sort()));
    expect(new Map([...sum.places].sort())).toEqual(new Map([...whole.places].sort()));
  }
});

describe('gates', () => {
  const tally = { counts: { ...newTally().counts, tickets: 200, 'new-exceptions': 2 } };
  test.each([
    ['new-exceptions>1%', false, 'exactly one in a hundred is not more'],
    ['new-exceptions > 0.9 %', true, 'it is more than that'],
    ['new-exceptions>1', true, 'two are more than one'],
    ['route>0', false, 'none'],
    ['tickets<100', false, 'enough were looked at'],
    [' tickets < 201 ', true, 'too few to tell'],
  ])('%s holds: %s (%s)', (text, failed) => {
    expect(judge(parseGate(text), tally).failed).toBe(failed);
  });

  test('of nothing, no share is too large', () => {
    expect(judge(parseGate('changed>0%'), newTally())).toMatchObject({ percent: 0, failed: false });
  });

  test.each([
    ['new-exceptions', 'is no condition'],
    ['new-exceptions>', 'is no condition'],
    ['new-exceptions>-1', 'is no condition'],
    ['new-exceptions=1', 'is no condition'],
    ['new-exception>1', 'there is no metric "new-exception"'],
    ['route>101%', 'is more than all tickets'],
  ])('%s: %s', (text, message) => {
    expect(() => parseGate(text)).toThrow(message);
  });
});
