import { caseFileSchema } from './cases/schema.ts';
import { projectFileSchema } from './project-schema.ts';
import { workflowFileSchema } from './schema.ts';

/**
 * The JSON Schemas of the YAML files, by their path in a project: the first line of each YAML file names its own, so
 * that editors complete and check without a network. docs/reference/ publishes the same.
 */
export function editorFiles(): Readonly<Record<string, string>> {
  return {
    'schemas/project.schema.json': published(projectFileSchema),
    'schemas/workflow.schema.json': published(workflowFileSchema),
    'schemas/case.schema.json': published(caseFileSchema),
  };
}

/** A schema as it is published. */
function published(schema: object): string {
  const document = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema };
  return `${JSON.stringify(document, null, 2)}\n`;
}
