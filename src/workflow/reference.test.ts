import { posix } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parseDuration } from './duration.ts';
import { compileExpression, expressionEnvironment } from './expression.ts';
import { loadProject } from './load.ts';
import { projectFileSchema } from './project-schema.ts';
import { referenceMarkdown } from './reference.ts';
import { workflowFileSchema } from './schema.ts';
import { durationFormat } from './schema-terms.ts';
import { skeleton } from './skeleton.ts';
import { editorFiles } from './skeleton-editor.ts';

// Each is committed; `npx vitest run src/workflow/reference.test.ts -u` writes them anew.
const folder = new URL('../../docs/reference/', import.meta.url).pathname;

test('docs/reference/workflow.md says what the schemas say', async () => {
  await expect(referenceMarkdown()).toMatchFileSnapshot(`${folder}workflow.md`);
});

test.each([
  ['workflow.schema.json', 'completion in workflows/*.yaml'],
  ['project.schema.json', 'completion in signalbox.yaml'],
])('docs/reference/%s is what `init` writes into schemas/: %s', async (name) => {
  await expect(editorFiles()[`schemas/${name}`]).toMatchFileSnapshot(`${folder}${name}`);
});

test('the first line of both files of a new project names its schema', () => {
  const files = skeleton('secret');
  for (const [path, schema] of [
    ['signalbox.yaml', 'schemas/project.schema.json'],
    ['workflows/contact-request.yaml', 'schemas/workflow.schema.json'],
  ] as const) {
    const [, named = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(files[path] ?? '') ?? [];
    expect(posix.join(posix.dirname(path), named)).toBe(schema);
    expect(files).toHaveProperty([schema]);
  }
});

test('every key of both languages is described', () => {
  const undescribed: string[] = [];
  const walk = (path: string, schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return;
    const { properties = {}, patternProperties = {}, items } = schema as Record<string, object>;
    for (const [key, part] of Object.entries({ ...properties, ...patternProperties })) {
      if (!(part as { description?: string }).description) undescribed.push(`${path}.${key}`);
      walk(`${path}.${key}`, part);
    }
    walk(`${path}[]`, items);
  };
  walk('workflow', workflowFileSchema);
  walk('project', projectFileSchema);
  expect(undescribed).toEqual([]);
});

test('the example, which is what `signalbox init` writes, compiles', () => {
  const { project, diagnostics } = loadProject(new Map(Object.entries(skeleton('secret'))));
  expect(diagnostics).toEqual([]);
  expect([...(project?.workflows.keys() ?? [])]).toEqual(['contact-request']);
});

interface Part {
  readonly at: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** All parts of a schema that show examples. */
function partsWithExamples(at: string, schema: unknown): Part[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, patternProperties = {}, items, examples } = schema as Record<string, object>;
  const parts = Object.entries({ ...properties, ...patternProperties });
  return [
    ...(examples === undefined ? [] : [{ at, schema: schema as Part['schema'] }]),
    ...parts.flatMap(([key, part]) => partsWithExamples(`${at}.${key}`, part)),
    ...partsWithExamples(`${at}[]`, items),
  ];
}

describe('every example of a key', () => {
  const ajv = new Ajv2020({ strict: false });
  ajv.addFormat(durationFormat, (text: string) => 'ms' in parseDuration(text));
  const names =
    'payload headers ticket route request response result key cursor page last window element'.split(' ');
  const anything = expressionEnvironment(Object.fromEntries(names.map((name) => [name, true])));
  const parts = [
    ...partsWithExamples('workflow', workflowFileSchema),
    ...partsWithExamples('project', projectFileSchema),
  ];

  /** The expressions in an example of this schema: of the key itself, of its values, of the leaves of a body. */
  function expressionsIn(schema: unknown, example: unknown): string[] {
    const { type, patternProperties = {} } = schema as { type?: unknown; patternProperties?: object };
    const takes = Array.isArray(type) && type.includes('boolean');
    if (takes && typeof example === 'string') return [example];
    if (typeof example !== 'object' || example === null) return [];
    const [value] = takes ? [schema] : Object.values(patternProperties);
    return value === undefined ? [] : Object.values(example).flatMap((each) => expressionsIn(value, each));
  }

  test.each(parts.map(({ at, schema }) => [at, schema] as const))('%s', (_at, schema) => {
    for (const example of schema.examples as unknown[]) {
      expect(ajv.validate(schema, example), `${JSON.stringify(example)}: ${ajv.errorsText()}`).toBe(true);
      for (const each of expressionsIn(schema, example)) compileExpression(each, anything);
    }
  });

  test('some of them are expressions', () => {
    const found = parts.flatMap(({ schema }) =>
      (schema.examples as unknown[]).flatMap((each) => expressionsIn(schema, each)),
    );
    expect(found).toContain('payload.entry.map(e, e.changes)');
    expect(found).toContain('"Lead " + payload.name');
    expect(found.length).toBeGreaterThan(10);
  });
});
