import { expect, test } from 'vitest';
import { judge, parseGate } from '../workflow/plan/gate.ts';
import { newTally, type Tally } from '../workflow/plan/tally.ts';
import { plain } from './output.ts';
import { type PlanReport, planText } from './plan-text.ts';

const query = { since: '2026-10-24T09:12:00.000Z', workflow: 'leads' };

function report(changes: Partial<Tally>, gates: readonly string[] = []): PlanReport {
  const tally = { ...newTally(), ...changes };
  return { query, tally, judged: gates.map((gate) => judge(parseGate(gate), tally)), seconds: 2 };
}

test('nothing to compare is said, and is not taken for nothing changed', () => {
  expect(planText(report({}, ['changed>0', 'tickets<1']), plain)).toBe(
    [
      '! There are no recorded tickets that leads decided since 2026-10-24 09:12 UTC: nothing was compared.',
      '  A longer --since finds more.',
      '',
      '✔ --fail-on changed>0: it does not hold (0 tickets)',
      '✘ --fail-on tickets<1: it holds (0 tickets)',
    ].join('\n'),
  );
});

test('a plan can be read from the top: how many, what with them, from where to where, why', () => {
  const { counts } = newTally();
  Object.assign(counts, {
    tickets: 3000,
    changed: 2,
    erased: 1,
    'new-exceptions': 1,
    route: 2,
    unparseable: 5,
  });
  const places = [
    { from: 'team:web', to: 'team:web', count: 2990 },
    { from: 'team:web', to: 'triage', count: 1 },
    { from: 'team:web', to: 'team:brand', count: 1 },
  ];
  const groups = [
    { workflow: 'leads', from: 'team:web', to: 'triage: no_route', count: 1, examples: ['b', 'a'] },
    { workflow: 'leads', from: 'team:web', to: 'team:brand', count: 1, examples: ['c'] },
  ];
  const text = planText(
    report({
      counts,
      decided: 2999,
      places: new Map(places.map((place) => [place.to, place])),
      groups: new Map(groups.map((group) => [group.to, group])),
      ungrouped: 3,
    }),
    plain,
  );
  expect(text).toBe(
    `3,000 tickets received since 2026-10-24 09:12 UTC, decided again under the files on disk (2.0 s, 1,500 a second)

✔ 2,997 (99.9 %) stay as they were
! 2 (< 0.1 %) would not
    1  would stop, and did not (< 0.1 %, new-exceptions)
    2  would be routed elsewhere (< 0.1 %, route)

From where to where
  tickets  from      to          stayed there
  1        team:web  team:brand  2,990
  1        team:web  triage      2,990

Why, the most frequent first
  1 of leads
      was  team:web
      now  team:brand
      see  signalbox explain leads c
  1 of leads
      was  team:web
      now  triage: no_route
      see  signalbox explain leads b
  … and 3 tickets in other ways; --json lists them

· 5 cannot be read, then or now
· 1 have been erased and were not compared`,
  );
});
