import { parentPort, workerData } from 'node:worker_threads';
import type { RecordedTrigger } from '../ticket/recorded/recorded.ts';
import { loadProject } from '../workflow/load.ts';
import { compared, workflowsBySource } from '../workflow/plan/compare.ts';
import { count, newTally } from '../workflow/plan/tally.ts';

/** One thread of a plan: compiles the project once, and answers every batch of recorded triggers with its tally. */

const { project } = loadProject(workerData as ReadonlyMap<string, string>);
if (project === null) throw new Error('the project compiled a moment ago, and does not any more');
const workflows = workflowsBySource(project.workflows.values());

parentPort?.on('message', (batch: Uint8Array) => {
  const tally = newTally();
  for (const line of Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength).toString().split('\n')) {
    if (line === '') continue;
    const recorded = JSON.parse(line) as RecordedTrigger;
    count(tally, recorded, compared(workflows, recorded));
  }
  parentPort?.postMessage(tally);
});
