import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { caseFileSchema } from './cases/schema.ts';
import { projectFileSchema } from './project-schema.ts';
import { workflowFileSchema } from './schema.ts';

/** `checkStructure` takes its own schemas on trust; whether they deserve it is found out here. */
test.each([
  ['workflow', workflowFileSchema],
  ['project', projectFileSchema],
  ['cases', caseFileSchema],
])('the schema of a %s file is a schema', (_, schema) => {
  const ajv = new Ajv2020();
  expect(ajv.validateSchema(schema), ajv.errorsText()).toBe(true);
});
