import { describe, expect, test } from 'vitest';
import { loadProject } from '../workflow/load.ts';
import { infer, learn, nothingLearned } from './inference.ts';
import { workflowSkeleton } from './skeleton.ts';
import { schemeSeen, sourceEntry, withSource } from './source-entry.ts';

const people = `project: agency
people:
  dana: { name: Dana Reyes }
  omar: { name: Omar Haddad }
  ida: { name: Ida Berg }
teams:
  growth: { name: Growth, members: [dana, omar] }
  web: { name: Web, members: [ida] }
sources:
`;

/** The files of a project into which samples were inferred. */
function inferredProject(samples: readonly unknown[], headers = {}, split = false): Record<string, string> {
  const learned = samples.reduce<typeof nothingLearned>(
    (seen, payload) => learn(seen, { payload, headers }),
    nothingLearned,
  );
  const found = infer(learned, 'Payloads of form');
  if (found === null) throw new Error('no samples');
  const contract = { path: '../contracts/form.schema.json', schema: found.contract };
  const parts = {
    ...found,
    name: 'form',
    source: 'form',
    contract,
    split,
    refs: ['team:growth', 'person:dana'],
  };
  return {
    'signalbox.yaml': withSource(people, sourceEntry('form', schemeSeen(headers))) ?? '',
    'workflows/form.yaml': workflowSkeleton(parts),
    'contracts/form.schema.json': JSON.stringify(found.contract),
  };
}

const errorsOf = (files: Record<string, string>) =>
  loadProject(new Map(Object.entries(files))).diagnostics.filter(({ severity }) => severity === 'error');

/** Where a choice is marked, as `file:line`. */
function choicesIn(files: Record<string, string>): string[] {
  return Object.entries(files).flatMap(([file, text]) =>
    text.split('\n').flatMap((line, index) => (/^[^#]+# choose:/.test(line) ? [`${file}:${index + 1}`] : [])),
  );
}

/** Somebody who fills in what is asked for. */
function filled(text: string): string {
  let alternate = false;
  return text
    .replaceAll(/^(\s*)owner: \S+ # choose/gm, '$1owner: person:dana # choose')
    .replaceAll(/^(\s*)alternate: \S+ # choose/gm, '$1alternate: person:omar # choose')
    .replaceAll(/^ {2}identity: .* # choose.*\n/gm, '')
    .replaceAll('escalate: [person:choose]', 'escalate: [person:ida]')
    .replaceAll('scheme: choose', 'scheme: bearer')
    .replaceAll('to: team:choose', () => {
      alternate = !alternate;
      return alternate ? 'to: team:growth' : 'to: team:web';
    });
}

const many = (count: number, make: (index: number) => unknown) =>
  Array.from({ length: count }, (_, index) => make(index));
const leads = many(40, (index) => ({
  lead_id: `L-${index}`,
  email: `p${index}@example.com`,
  'project-type': index % 2 ? 'web' : 'brand',
  project_type: index % 2 ? 'web' : 'brand',
  budget: 500.5 + index,
  utm: index % 3 ? { campaign: `c ${index}` } : null,
  in: 'x y',
}));

describe.each<[string, unknown[], Record<string, string>, boolean]>([
  ['leads', leads, { 'x-hub-signature-256': 'x' }, false],
  ['few of them', leads.slice(0, 2), {}, false],
  ['some of them', many(5, (index) => ({ id: `a ${index}` })), {}, false],
  ['what has no identity', many(9, () => ({ text: 'x y' })), { 'user-agent': 'curl' }, false],
  [
    'a combination',
    many(20, (i) => ({ action: i % 2 ? 'opened' : 'closed', issue: { id: i >> 1 } })),
    {},
    false,
  ],
  ['a delivery with an id in a header', many(9, () => ({ ref: 'x y' })), { 'webhook-id': 'msg_1' }, true],
  ['no object', ['x', 1, null], {}, false],
  [
    'names that need quotes',
    many(30, (i) => ({ id: i, 'the type': i % 2 ? 'a' : 'b', kind: i % 2 ? 'it.is' : 'no' })),
    {},
    false,
  ],
])('%s', (_what, samples, headers, split) => {
  const files = inferredProject(samples, headers, split);

  test('check names exactly what is marked', () => {
    const named = errorsOf(files).map(({ file, line }) => `${file}:${line}`);
    expect(named.sort()).toEqual(choicesIn(files).sort());
    expect(named.length).toBeGreaterThan(5);
  });

  test('and nothing once it is chosen', () => {
    const chosen = Object.fromEntries(Object.entries(files).map(([file, text]) => [file, filled(text)]));
    expect(errorsOf(chosen)).toEqual([]);
  });
});

test('labels that came again and again are offered as routes', () => {
  const { 'workflows/form.yaml': text } = inferredProject(leads);
  expect(text).toContain(`    - to: team:choose # choose: who gets it where project-type is brand
      when: payload["project-type"] == "brand"`);
  expect(text).toContain('  project_type: payload.project_type\n');
});

test('the headers that spoke for a preset are named', () => {
  expect(inferredProject(leads, { 'x-github-event': 'push' })['signalbox.yaml']).toContain(
    'scheme: github # proposed: x-github-event was among its headers',
  );
});
