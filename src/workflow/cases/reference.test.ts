import { expect, test } from 'vitest';
import { testFile } from '../../../test/support/cases.ts';
import { loadProject } from '../load.ts';
import { skeleton } from '../skeleton.ts';
import { casesMarkdown } from './reference.ts';
import { caseFileSchema } from './schema.ts';

// Each is committed; `npx vitest run src/workflow/cases/reference.test.ts -u` writes them anew.
const folder = new URL('../../../docs/reference/', import.meta.url).pathname;

test('docs/reference/cases.md says what the schema says', async () => {
  await expect(casesMarkdown()).toMatchFileSnapshot(`${folder}cases.md`);
});

test('docs/reference/case.schema.json is the published schema: completion in cases/*.yaml', async () => {
  const published = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...caseFileSchema };
  await expect(`${JSON.stringify(published, null, 2)}\n`).toMatchFileSnapshot(`${folder}case.schema.json`);
});

test('the first cases of a new project hold, and show most of its workflow', () => {
  const files = skeleton('secret');
  const { project } = loadProject(new Map(Object.entries(files)));
  if (project === null) throw new Error('it does not compile');
  const text = files['cases/contact-request.yaml'] ?? '';
  const report = testFile(text, { generate: 50, coverageMin: 60 }, project, files);
  expect(report.results.flatMap(({ failures }) => failures)).toEqual([]);
  expect(report).toMatchObject({ ok: true, diagnostics: [] });
});
