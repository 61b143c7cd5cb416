import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { decide } from '../src/decide.ts';
import { readProjectFiles } from '../src/platform/project-files.ts';
import { noFacts } from '../src/ticket/place.ts';
import { loadProject } from '../src/workflow/load.ts';
import { leadBody } from './lead.ts';

/** Decisions a second of one thread without any I/O, each on a lead of its own. */
export async function coreDecisions(ms: number): Promise<number> {
  const { project } = loadProject(await readProjectFiles(fileURLToPath(new URL('project', import.meta.url))));
  const workflow = project?.workflows.get('leads');
  if (workflow === undefined) throw new Error("the bench's project does not compile");
  const now = new Date();
  const triggers = Array.from({ length: 1_000 }, (_, number) => ({
    source: 'leads',
    contentType: 'application/json',
    headers: { 'content-type': 'application/json' },
    body: leadBody('core', number),
  }));
  const round = () => {
    for (const trigger of triggers) {
      const { kind } = decide(workflow, trigger, noFacts, now);
      if (kind !== 'routed') throw new Error(`the bench's lead is ${kind}, not routed`);
    }
  };
  // Once for the compiler.
  round();
  const began = performance.now();
  let rounds = 0;
  for (; performance.now() - began < ms; rounds += 1) round();
  return (rounds * triggers.length) / ((performance.now() - began) / 1_000);
}
