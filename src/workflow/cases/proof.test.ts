import { describe, expect, test } from 'vitest';
import { soundProject, told } from '../../../test/support/cases.ts';
import { changed, projectTexts } from '../../../test/support/project-texts.ts';

const file = 'workflows/lead.yaml';
const payload = { lead_id: 'L-1', email: 'a@x.example', name: 'Ada', project_type: 'web', budget: 5000 };
const answer = { handoff: 'create-project', status: 201, body: { id: 'P-1' } };

/** The project with another outcome (and approval) for its first handoff. */
function project(outcome: string, approval = '') {
  const text = projectTexts[file] ?? '';
  const from = text.slice(text.indexOf('    approval: {'), text.indexOf('  - id: announce'));
  const files = changed(file, from, `${approval}    outcome:\n${outcome}`);
  const body = 'tags: [\'"new"\', 1, true, null] }';
  const whole = files.get(file) ?? '';
  if (outcome.includes('callback')) files.set(file, whole.replace(body, 'manager: outcome.url }'));
  return soundProject(files);
}

const callback = project(`      callback: {}
      until: result.status != "running"
      that: result.status == "done"
      same: [{ sent: name, found: data.title, as: text-ignoring-case }]
      within: 1h
`);
const confirm = project(`      confirm: { by: team:web, checklist: [It is there, It is theirs] }
      within: 1h
`);
const polled = project(`      read: getProject
      with: { id: response.id }
      fail_when: result.manager == "nobody"
      same: [name]
      within: 1h
`);
const done = { handoffs: { 'create-project': { state: 'confirmed', outcome: 'confirmed' } } };
const failed = (mode: string) => ({ exception: { mode }, handoffs: { 'create-project': { outcome: mode } } });

function played(then: readonly object[], given: ReturnType<typeof project>) {
  return told({ payload, then }, given);
}

describe('outcomes', () => {
  test.each([
    [
      'a callback that is not the last word, and then the last',
      callback,
      [
        {
          callback: { handoff: 'create-project', body: { status: 'running' } },
          expect: { state: 'handoff' },
        },
        {
          callback: { handoff: 'create-project', body: { status: 'done', data: { title: 'LEAD ADA' } } },
          expect: done,
        },
      ],
    ],
    [
      'a callback that says something else',
      callback,
      [
        {
          callback: { handoff: 'create-project', body: { status: 'done', data: { title: 'Lead Eve' } } },
          expect: failed('contradicted'),
        },
      ],
    ],
    ['no callback at all', callback, [{ wait: '1h', expect: failed('unconfirmed') }]],
    [
      'a person who has looked at everything',
      confirm,
      [{ confirm: { handoff: 'create-project', by: 'person:omar', evidence: 'P-1' }, expect: done }],
    ],
    [
      'a person who says no',
      confirm,
      [
        {
          deny: { handoff: 'create-project', by: 'person:dana', evidence: 'Nothing there' },
          expect: failed('contradicted'),
        },
      ],
    ],
    ['nobody who says anything', confirm, [{ wait: '1h', expect: failed('unconfirmed') }]],
    [
      'a record that is wrong for good, long before the deadline',
      polled,
      [
        {
          read: { handoff: 'create-project', body: { name: 'Lead Ada', manager: 'nobody' }, early: true },
          expect: failed('contradicted'),
        },
      ],
    ],
  ])('%s', (_, given, then) => {
    expect(played([{ answer }, ...then], given)).toEqual([]);
  });

  test.each([
    [callback, { read: { handoff: 'create-project' } }, 'its outcome is not read back'],
    [polled, { callback: { handoff: 'create-project' } }, 'its outcome waits for no callback'],
    [
      polled,
      { deny: { handoff: 'create-project', by: 'person:dana', evidence: 'x' } },
      'waits for nobody’s word',
    ],
    [
      confirm,
      { confirm: { handoff: 'create-project', by: 'person:omar', evidence: 'x', checked: [1] } },
      'Not looked at yet: 2 It is theirs',
    ],
  ])('what cannot happen is said: %#', (given, step, why) => {
    expect(played([{ answer }, step], given)).toEqual([expect.stringContaining(why)]);
  });
});

test('approvals: two of them, a reminder that decides nothing, and the alternate after the deadline', () => {
  const two = project(
    '      read: getProject\n      with: { id: response.id }\n      same: [name]\n      within: 1h\n',
    '    approval: { by: team:web, within: 4h, approvals: 2, alternate: person:dana }\n',
  );
  const approve = (by: string) => ({ approve: { handoff: 'create-project', by } });
  const then = [
    { wait: '3h', expect: { handoffs: { 'create-project': { approval: { state: 'waiting', due: '1h' } } } } },
    { wait: '1h', expect: { handoffs: { 'create-project': { approval: { state: 'waiting', due: '4h' } } } } },
    { ...approve('person:omar'), expect: { handoffs: { 'create-project': { state: 'awaiting_approval' } } } },
    { ...approve('person:dana'), expect: { handoffs: { 'create-project': { state: 'ready' } } } },
  ];
  expect(played(then, two)).toEqual([]);
  expect(played([{ wait: '8h', expect: { exception: { mode: 'approval_overdue' } } }], two)).toEqual([]);
});
