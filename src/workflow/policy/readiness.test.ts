import { describe, expect, test } from 'vitest';
import { changed } from '../../../test/support/project-texts.ts';
import { loadProject } from '../load.ts';
import { type Readiness, readinessParts } from './readiness.ts';

const lead = 'workflows/lead.yaml';

function readiness(from: string, to: string): Readiness {
  const [only] = loadProject(changed(lead, from, to)).readiness;
  if (only === undefined) throw new Error('no workflow');
  return only;
}

function missing(from: string, to: string): string[] {
  const { parts } = readiness(from, to);
  return readinessParts.filter((part) => parts[part] === null);
}

test('a workflow that says everything says it in words', () => {
  const metric = 'metric: Leads with a project within 15 minutes\n';
  expect(readiness('owner: team:growth\n', `${metric}owner: team:growth\n`)).toEqual({
    workflow: 'lead',
    parts: {
      trigger: 'meta-ads, at least every 4h',
      owner: 'team:growth, then person:omar',
      'source of truth': 'contracts/lead.schema.json; read back from pm-tool, chat',
      'routing rule': '1 rule to team:web; triage below 0.8; otherwise triage',
      'failure mode': '15 failure modes, taken within 15m, settled within 1d',
      'QA signal': '1 check, 2 proved handoffs',
      'reporting metric': 'Leads with a project within 15 minutes',
      'recovery path': 'team:web, then person:dana, then person:omar; 15 checklists of its own',
    },
  });
});

describe('what is missing is told, also of a workflow that does not compile', () => {
  test.each<[string, string, string[], string]>([
    ['', '', ['reporting metric'], 'no figure is named'],
    ['  source: meta-ads\n', '', ['trigger', 'reporting metric'], 'nothing starts it'],
    ['owner: team:growth\n', '', ['owner', 'reporting metric'], 'nobody owns it'],
    ['alternate: person:omar\n', '', ['owner', 'reporting metric'], 'nobody comes after the owner'],
    [
      '  escalate: [person:omar]\n',
      '',
      ['reporting metric', 'recovery path'],
      'nobody comes after the alternate',
    ],
    ['  ttl: 15m\n', '', ['failure mode', 'reporting metric'], 'nobody has to take it by then'],
    [
      '    - to: team:web\n',
      '    - when: "true"\n    - x: y\n',
      ['routing rule', 'reporting metric'],
      'no rule names anybody',
    ],
  ])('%j as %j: %j', (from, to, parts, reason) => {
    expect(missing(from, to), reason).toEqual(parts);
  });
});

test('a workflow without a name is told by its file', () => {
  expect(readiness('workflow: lead\n', '').workflow).toBe(lead);
});
