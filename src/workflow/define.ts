import type { WorkflowFile } from './schema.ts';

/**
 * Types a workflow that is written in TypeScript: `export default defineWorkflow({ workflow: 'paid-lead', … })` in
 * `workflows/paid-lead.ts`. It is the same object as the YAML file's, key for key, and returned as it is; `signalbox check`
 * does the checking.
 */
export function defineWorkflow(workflow: WorkflowFile): WorkflowFile {
  return workflow;
}
