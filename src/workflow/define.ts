import type { WorkflowFile } from './schema.ts';

/**
 * Types a workflow that is written in TypeScript: `export default defineWorkflow({ workflow: 'paid-lead', … })`.
 * It is the same object as the YAML file's, key for key; `signalbox check` does the checking.
 */
export function defineWorkflow(workflow: WorkflowFile): WorkflowFile {
  return workflow;
}
