import { expect, test } from 'vitest';
import { soundProject, testFile } from '../../../test/support/cases.ts';
import { changed } from '../../../test/support/project-texts.ts';
import { percentOf } from './report.ts';

const lead = { lead_id: 'L-1', email: 'a@x.example', name: 'Ada', project_type: 'web', budget: 5000 };

/** What a file of cases with these contents shows, and what it does not. */
function coverage(contents: readonly object[], project = soundProject()) {
  const cases = contents.map((content, index) => ({ name: `case ${index}`, ...content }));
  const [covered] = testFile(JSON.stringify({ workflow: 'lead', cases }), {}, project).coverage;
  if (covered === undefined) throw new Error('nothing was watched');
  const texts = (held: boolean) =>
    covered.points.filter((point) => point.covered === held).map(({ kind, text }) => `${kind}: ${text}`);
  return { shown: texts(true), missing: texts(false), percent: percentOf(covered) };
}

test('a body that nobody can read shows one exit', () => {
  expect(coverage([{ body: '' }]).shown).toEqual(['rung: contract', 'failure mode: unparseable']);
});

test('a case shows the rungs that it reaches, and what was true and false on the way', () => {
  const { shown, missing } = coverage([{ payload: lead }]);
  expect(shown).toEqual([
    'rung: contract',
    'rung: transform',
    'rung: checks',
    'rung: routing',
    'rung: handoff',
    'check: budget-in-range holds',
    'route: rule 1, to team:web, is chosen',
    'signal: ticket.budget >= 2000.0 is true (team:web)',
    'handoff: create-project is promised',
    'handoff: create-project asks for none',
    'handoff: announce is promised',
  ]);
  expect(missing).toContain('check: budget-in-range fails');
  expect(missing).toContain('rung: outcome');
});

test('steps show what follows: approval, outcome, failure modes', () => {
  const large = (then: readonly object[]) => ({ payload: { ...lead, budget: 90_000 }, then });
  const answer = {
    handoff: 'create-project',
    body: { id: 'P', name: 'Lead Ada', type: 'web', manager: 'O' },
  };
  const steps = [{ approve: { handoff: 'create-project', by: 'person:dana' } }, { answer }, { read: answer }];
  const { shown } = coverage([
    large(steps),
    large([{ wait: '4h' }]),
    { payload: lead, held: 'same' },
    { payload: lead, held: { with: { name: 'Eve' } } },
  ]);
  for (const point of [
    'rung: dedupe',
    'rung: approval',
    'rung: outcome',
    'handoff: create-project asks for approval',
    'handoff: create-project is confirmed',
    'failure mode: conflicting_duplicate',
    'failure mode: approval_overdue',
  ]) {
    expect(shown).toContain(point);
  }
});

test('of two rules to one destination the one that was chosen is shown, and what a person re-routed shows none', () => {
  const second = `    - to: team:web
      when: ticket.budget >= 4000.0
      signals: [{ that: ticket.budget >= 1.0, weight: 1 }]
handoffs:`;
  const project = soundProject(changed('workflows/lead.yaml', 'handoffs:', second));
  const low = { ...lead, budget: 1000 };
  expect(coverage([{ payload: { ...lead, project_type: 'brand' } }], project).shown).toContain(
    'route: rule 2, to team:web, is chosen',
  );
  const routes = coverage([{ payload: low, reroute: 'team:web' }], project).shown;
  expect(routes.filter((point) => point.startsWith('route'))).toEqual([]);
});
