import { expect, test } from 'vitest';
import { changed } from '../../test/support/project-texts.ts';
import { decide } from '../decide.ts';
import type { Trigger } from '../decision.ts';
import { AppError } from '../errors.ts';
import { loadProject } from './load.ts';
import { compileBundle, versionOf } from './version.ts';

const lead = 'workflows/lead.yaml';
const now = new Date('2026-01-05T09:00:00Z');

function loaded(files = changed(lead, '', '')) {
  const { project, diagnostics } = loadProject(files);
  const workflow = project?.workflows.get('lead');
  const bundle = project?.bundles.get('lead');
  if (workflow === undefined || bundle === undefined) throw new Error(JSON.stringify(diagnostics));
  return { workflow, bundle };
}

function trigger(payload: object): Trigger {
  const body = Buffer.from(JSON.stringify(payload));
  return { source: 'meta-ads', contentType: 'application/json', headers: {}, body };
}

const facts = { holder: null, rerouteTo: null };
const good = { lead_id: 'l-1', email: 'A@B.com', name: 'Ann', project_type: 'web', budget: 2500 };

test.each<[object, string, string]>([
  [good, 'routed', 'a good lead'],
  [{ ...good, project_type: 'brand' }, 'stopped', 'no route'],
  [{ ...good, budget: 1 }, 'stopped', 'a failed check'],
  [{ ...good, project_type: undefined }, 'stopped', 'a contract violation'],
])('a stored version decides as the loaded one: %j is %s (%s)', (payload, kind) => {
  const { workflow, bundle } = loaded();
  const again = compileBundle(bundle);
  const decision = decide(workflow, trigger(payload), facts, now);
  expect(decision.kind).toBe(kind);
  expect(decide(again, trigger(payload), facts, now)).toEqual(decision);
});

test('a body is made leaf by leaf: expressions, and numbers, booleans and null as they stand', () => {
  const decision = decide(loaded().workflow, trigger(good), facts, now);
  const bodies = decision.kind === 'routed' ? decision.handoffs.map(({ request }) => request.body) : [];
  expect(bodies).toEqual([
    { name: 'Lead Ann', type: 'web', tags: ['new', 1, true, null] },
    { text: 'team:web' },
  ]);
});

test('a stored version has the same hash, which is that of its text', () => {
  const { workflow, bundle } = loaded();
  expect(workflow.version).toMatch(/^[0-9a-f]{64}$/);
  expect(workflow.version).toBe(versionOf(bundle));
  expect(compileBundle(bundle).version).toBe(workflow.version);
});

test.each<[string, string, string, boolean, string]>([
  [lead, 'owner', 'owner', false, 'nothing changed'],
  [lead, 'budget >= 500.0', 'budget >= 600.0', true, 'another rule'],
  ['contracts/lead.schema.json', '"brand"', '"brand", "print"', true, 'another contract'],
  ['pm-tool.openapi.yaml', 'title: Project tool', 'title: Projects', true, 'another API document'],
  ['signalbox.yaml', 'url: https://chat', 'url: https://talk', false, 'an address is not part of a decision'],
  ['signalbox.yaml', 'META_SECRET', 'OTHER_SECRET', false, 'nor is the place of a secret'],
  ['signalbox.yaml', 'dana@example.com', 'reyes@example.com', false, 'nor is how a person is reached'],
  [
    'signalbox.yaml',
    'openapi: pm-tool.openapi.yaml',
    'openapi: ./pm-tool.openapi.yaml',
    false,
    'the same document',
  ],
])('%s: %s → %s makes a new version: %s (%s)', (file, from, to, isNew) => {
  const files = from === to ? changed(lead, '', '') : changed(file, from, to);
  expect(loaded(files).workflow.version !== loaded().workflow.version).toBe(isNew);
});

test('a bundle holds only what the workflow refers to', () => {
  const files = changed(lead, '', '').set('contracts/other.json', '{}');
  const { files: held, destinations } = JSON.parse(loaded(files).bundle);
  expect(Object.keys(held).sort()).toEqual(['contracts/lead.schema.json', 'pm-tool.openapi.yaml', lead]);
  expect(Object.keys(destinations).sort()).toEqual(['chat', 'pm-tool']);
});

test('people who have left do not break a stored version', () => {
  const { bundle } = loaded();
  expect(compileBundle(bundle).owner).toBe('team:growth');
  expect(bundle).not.toContain('Dana Reyes');
});

test('a bundle of a later format is refused with what to do', () => {
  const later = JSON.stringify({ ...JSON.parse(loaded().bundle), format: 2 });
  expect(() => compileBundle(later)).toThrow(AppError);
  expect(() => compileBundle(later)).toThrow(/its format is 2/);
});

test('what is compiled cannot be changed', () => {
  const { workflow } = loaded();
  for (const part of [workflow, workflow.checks, workflow.handoffs[0]?.outcome, workflow.exceptions.on]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});
