import { expect, test } from 'vitest';
import { soundProject, told } from '../../../test/support/cases.ts';
import { projectTexts } from '../../../test/support/project-texts.ts';

const lead = { lead_id: 'L-1', email: 'Ada@x.example', name: 'Ada', project_type: 'web', budget: 5000 };
const made = { id: 'P-1', name: 'Lead Ada', type: 'web', manager: 'Omar' };

function project(when: string, id = 'response.id') {
  const texts = new Map(Object.entries(projectTexts));
  const replace = (file: string, from: string, to: string) =>
    texts.set(
      file,
      (texts.get(file) ?? '').replace(from, () => from + to),
    );
  const undo = `
    undo:
      when: ${when}
      operation: deleteProject
      with: { id: '${id}' }
      outcome: { read: getProject, with: { id: response.id }, gone: true, within: 5m }`;
  replace('workflows/lead.yaml', '    retry: { attempts: 3, for: 1h }', undo);
  const operation = `
    delete:
      operationId: deleteProject
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '204': { description: Gone } }`;
  replace('pm-tool.openapi.yaml', '  /projects/{id}:', operation);
  return soundProject(texts);
}

const done = [
  { answer: { handoff: 'create-project', status: 201, body: made } },
  { read: { handoff: 'create-project', body: made } },
];
const refused = { answer: { handoff: 'announce', status: 422 } };
const taken = [
  {
    answer: { handoff: 'create-project.undo', status: 204 },
    expect: { handoffs: { 'create-project.undo': { state: 'confirming', path: '/projects/P-1' } } },
  },
  {
    read: { handoff: 'create-project.undo', status: 404 },
    expect: { handoffs: { 'create-project.undo': { outcome: 'confirmed' } } },
  },
];

test('refused: undone at once, and its exception says so', () => {
  const expected = {
    state: 'exception',
    exception: { mode: 'rejected', handoff: 'announce', summary: 'being undone: create-project' },
    handoffs: { 'create-project.undo': { state: 'ready' } },
  };
  const then = [...done, { ...refused, expect: expected }, ...taken];
  expect(told({ payload: lead, then }, project('refused'))).toEqual([]);
});

test('abandoned: only when a person discards it', () => {
  const waits = { ...refused, not: { handoffs: { 'create-project.undo': {} } } };
  const then = [...done, waits, { discard: {}, expect: { state: 'discarded' } }, ...taken];
  expect(told({ payload: lead, then }, project('abandoned'))).toEqual([]);
});

test('a destination that has it no more has done what was asked; a record that is still there is no undo', () => {
  const gone = { answer: { handoff: 'create-project.undo', status: 404 } };
  const there = {
    read: { handoff: 'create-project.undo', body: made },
    expect: { exception: { mode: 'contradicted', summary: 'the record is still there' } },
  };
  const then = [...done, refused, gone, there];
  expect(told({ payload: lead, then }, project('refused'))).toEqual([]);
});

test('an undo that cannot be made of the answer is an exception', () => {
  const then = [
    { answer: { handoff: 'create-project', status: 201, body: { ...made, tags: [] } } },
    { read: { handoff: 'create-project', body: made } },
    {
      ...refused,
      expect: { exception: { mode: 'transform_failed', summary: 'create-project still stands in pm-tool' } },
    },
  ];
  expect(told({ payload: lead, then }, project('refused', 'string(response.tags[0])'))).toEqual([]);
});

test('nothing stands open: nothing can be discarded', () => {
  const then = [{ discard: {} }];
  expect(told({ payload: lead, then }).join()).toContain('no exception stands open');
});
