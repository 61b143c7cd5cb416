import { describe, expect, test } from 'vitest';
import { changed } from '../../../test/support/project-texts.ts';
import { loadProject } from '../load.ts';
import { breakingOf, differences } from './difference.ts';

const lead = 'workflows/lead.yaml';

function workflow(files: Map<string, string>) {
  const { project, diagnostics } = loadProject(files);
  const found = project?.workflows.get('lead');
  if (found === undefined) throw new Error(JSON.stringify(diagnostics));
  return found;
}

const before = workflow(changed(lead, '', ''));

describe('two versions of a workflow, in words', () => {
  test.each<[string, string, string[], string]>([
    [
      'owner: team:growth\nalternate',
      'owner: team:web\nalternate',
      ['Ownership: the owner is `team:web` now, and was `team:growth`.'],
      'an owner',
    ],
    [
      'duplicates: { within: 30d }',
      'duplicates: { within: 7d }',
      ['The trigger: how long an identity is remembered is `7d` now, and was `30d`.'],
      'how long an identity holds',
    ],
    [
      '  identity: payload.lead_id\n',
      '',
      ['The trigger: what makes two triggers the same is gone, and was `payload.lead_id`.'],
      'the identity',
    ],
    [
      '  email: payload.email.lowerAscii()\n',
      '',
      ['The ticket’s field `email` is gone.'],
      'a field of the ticket',
    ],
    [
      'ticket.budget >= 500.0',
      'ticket.budget >= 600.0',
      [
        'The check `budget-in-range`: what must hold is `ticket.budget >= 600.0` now, and was `ticket.budget >= 500.0`.',
      ],
      'a check',
    ],
    [
      '  - id: budget-in-range',
      '  - id: budget',
      [
        'The check `budget` is new (what must hold `ticket.budget >= 500.0`).',
        'The check `budget-in-range` is gone.',
      ],
      'a check of another name is another',
    ],
    [
      'routes:\n',
      'routes:\n  threshold: 0.6\n',
      ['Routing: the confidence that is needed is `0.6` now, and was `0.8`.'],
      'the threshold',
    ],
    [
      'weight: 2 }',
      'weight: 3 }',
      ['The rule to `team:web`: the weight of the signal ticket.budget >= 2000.0 is `3` now, and was `2`.'],
      'a weight',
    ],
    [
      'retry: { attempts: 3, for: 1h }',
      'retry: { attempts: 5, for: 1h }',
      ['The handoff `create-project`: how many attempts it has is `5` now, and was `3`.'],
      'a retry',
    ],
    [
      'type: ticket.project_type, tags',
      'type: payload.project_type, tags',
      [
        'The handoff `create-project`: `body.type` is `payload.project_type` now, and was `ticket.project_type`.',
      ],
      'a field of a body',
    ],
    [
      'by: team:growth, within: 4h',
      'by: team:web, within: 8h',
      [
        'The handoff `create-project`: whose yes it needs is `team:web` now, and was `team:growth`.',
        'The handoff `create-project`: by when the yes is needed is `8h` now, and was `4h`.',
      ],
      'an approval',
    ],
    [
      'owner: team:growth',
      '# a comment\nowner: team:growth',
      [],
      'a comment is a version, and no difference',
    ],
  ])('%j → %j', (from, to, words) => {
    const found = differences(before, workflow(changed(lead, from, to)));
    expect(found.map((each) => each.words)).toEqual(words);
    expect(breakingOf(found)).toBe(false);
  });

  test.each<[string, string, string, boolean | null, string]>([
    [
      '  duplicates: { within: 30d }\n',
      '  duplicates: { within: 30d }\n  on_invalid: reject\n',
      'The trigger: what becomes of a payload that breaks the contract is `reject` now, and was `exception`.',
      null,
      'what was taken, though it broke the contract, is refused',
    ],
    [
      '  source: meta-ads\n',
      '  source: meta-ads\n  split: payload.leads\n',
      'The trigger: what a delivery is split into is `payload.leads` now, and was not there.',
      null,
      'the contract is asked of another part of the body',
    ],
    [
      '  source: meta-ads\n',
      '  source: meta-ads\n  json_field: rawRequest\n',
      'The trigger: the field that holds the payload is `rawRequest` now, and was not there.',
      null,
      'and so it is here',
    ],
    [
      'expect: { every: 4h }',
      'expect: { false_alarm_every: 30d }',
      'The trigger: how often chance alone may call the source silent is `30d` now, and was not there.',
      false,
      'another way to tell a silence',
    ],
  ])('%j → %j', (from, to, words, breaking) => {
    const found = differences(before, workflow(changed(lead, from, to)));
    expect(found.map((each) => each.words)).toContain(words);
    expect(breakingOf(found)).toBe(breaking);
  });

  test('a document that writes the same request otherwise is a difference', () => {
    const files = changed(
      'pm-tool.openapi.yaml',
      'required: true, schema: { type: string } }]\n      responses',
      'required: true, schema: { type: integer } }]\n      responses',
    );
    const words = differences(before, workflow(files)).map((each) => each.words);
    expect(words).toEqual([
      expect.stringContaining('what the destination’s document says of the proof’s path parameter `id`'),
    ]);
  });

  test('the contract is told in the fields of the payload', () => {
    const files = changed('contracts/lead.schema.json', '"brand"', '"brand", "print"');
    expect(differences(before, workflow(files))).toMatchObject([
      {
        kind: 'contract',
        path: 'payload.project_type',
        words: '`payload.project_type` may also be `"print"`.',
        breaking: false,
      },
    ]);
  });
});
