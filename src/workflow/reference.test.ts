import { expect, test } from 'vitest';
import { loadProject } from './load.ts';
import { projectFileSchema } from './project-schema.ts';
import { referenceMarkdown } from './reference.ts';
import { workflowFileSchema } from './schema.ts';
import { skeleton } from './skeleton.ts';

// Each is committed; `npx vitest run src/workflow/reference.test.ts -u` writes them anew.
const folder = new URL('../../docs/reference/', import.meta.url).pathname;

test('docs/reference/workflow.md says what the schemas say', async () => {
  await expect(referenceMarkdown()).toMatchFileSnapshot(`${folder}workflow.md`);
});

test.each<[string, object, string]>([
  ['workflow.schema.json', workflowFileSchema, 'completion in workflows/*.yaml'],
  ['project.schema.json', projectFileSchema, 'completion in signalbox.yaml'],
])('docs/reference/%s is the published schema: %s', async (name, schema) => {
  const published = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema };
  await expect(`${JSON.stringify(published, null, 2)}\n`).toMatchFileSnapshot(`${folder}${name}`);
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
