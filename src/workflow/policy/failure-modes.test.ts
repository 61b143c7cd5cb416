import { expect, test } from 'vitest';
import { changed } from '../../../test/support/project-texts.ts';
import { loadProject } from '../load.ts';
import { raisableModes } from './failure-modes.ts';

const lead = 'workflows/lead.yaml';

function modesOf(file: string, from: string, to: string): readonly string[] {
  const { project, diagnostics } = loadProject(changed(file, from, to));
  const workflow = project?.workflows.get('lead');
  if (workflow === undefined) throw new Error(JSON.stringify(diagnostics));
  return raisableModes(workflow);
}

const all = modesOf(lead, '', '');

test('in the order of the path, and none that detection alone finds', () => {
  expect(all).toEqual([
    'unparseable',
    'contract_violation',
    'conflicting_duplicate',
    'transform_failed',
    'check_failed',
    'no_route',
    'low_confidence',
    'refused',
    'approval_overdue',
    'rejected',
    'attempts_exhausted',
    'destination_contract_violation',
    'unconfirmed',
    'contradicted',
    'source_silent',
  ]);
});

const approval = '    approval: { when: ticket.budget > 50000.0, by: team:growth, within: 4h }\n';
const signals = '      signals:\n        - { that: ticket.budget >= 2000.0, weight: 2 }\n';

test.each<[string, string, readonly string[], string]>([
  ['  duplicates: { within: 30d }\n', '  on_invalid: reject\n', ['contract_violation'], 'it is answered 422'],
  ['  identity: payload.lead_id\n', '', ['conflicting_duplicate'], 'other content is another thing'],
  ['  expect: { every: 4h }\n', '', ['source_silent'], 'it may be silent'],
  [approval, '', ['refused', 'approval_overdue'], 'nobody is asked'],
  [signals, '', ['low_confidence'], 'a rule that matches is certain'],
  ['handoffs:\n', '  otherwise: team:growth\nhandoffs:\n', ['no_route'], 'the rest has a place'],
])('%j as %j is without %j: %s', (from, to, without, reason) => {
  expect(modesOf(lead, from, to), reason).toEqual(all.filter((mode) => !without.includes(mode)));
});

test('two destinations can be ambiguous', () => {
  const two = '    - to: team:growth\n      when: ticket.budget < 900.0\nhandoffs:\n';
  expect(modesOf(lead, 'handoffs:\n', two)).toContain('ambiguous');
});
