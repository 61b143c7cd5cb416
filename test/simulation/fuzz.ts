import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { testProject } from '../support/project.ts';
import { startServer } from '../support/server.ts';
import { startTarget } from '../support/target.ts';
import { rawRubbish, request } from './rubbish.ts';
import { exchange } from './wire.ts';

/**
 * Sends generated requests and raw rubbish to a real server process, over TCP, for some time.
 * No answer is a 5xx other than 503, nothing hangs, the process stays up and its memory does not grow.
 *
 *     node test/simulation/fuzz.ts --seconds 180 [--seed N]
 */

export interface FuzzReport {
  readonly seed: number;
  readonly exchanges: number;
  /** How often each status came; `closed`: the connection was closed without an answer. */
  readonly answers: Readonly<Record<string, number>>;
  /** Resident memory of the server in MB: after warming up, at the end, and the most of all samples. */
  readonly memory: { readonly warm: number; readonly end: number; readonly most: number };
  readonly findings: readonly string[];
}

/** Exchanges side by side. */
const lanes = 16;
const sampleEveryMs = 500;
/** In a shorter run it is still warming up. */
const samplesMin = 60;
/** What memory may rise above where it was after warming up: V8 gives back late. */
const growthMbMax = 150;

export async function fuzz(options: {
  readonly seconds: number;
  readonly seed: number;
  readonly say?: (line: string) => void;
}): Promise<FuzzReport> {
  const { seconds, seed, say = () => {} } = options;
  const target = await startTarget();
  const project = await testProject(target.url);
  const server = await startServer(project.root);
  const answers: Record<string, number> = {};
  const findings: string[] = [];
  const samples: number[] = [];
  let exchanges = 0;
  const until = performance.now() + seconds * 1_000;

  const lane = async (number: number) => {
    let batch: Buffer[] = [];
    for (let n = 0; performance.now() < until; n += 1) {
      if (batch.length === 0) batch = rubbish(seed + n * lanes + number);
      const sent = batch.pop() ?? Buffer.alloc(0);
      const got = await exchange(server.url, sent);
      exchanges += 1;
      answers[got.status] = (answers[got.status] ?? 0) + 1;
      if (got.wrong !== null && findings.length < 20) {
        findings.push(`${got.wrong}: ${JSON.stringify(sent.toString('latin1').slice(0, 400))}`);
      }
    }
  };
  const sampler = setInterval(async () => {
    const mb = await residentMb(server.pid).catch(() => null);
    if (mb !== null) samples.push(mb);
    if (samples.length % 20 === 0) say(`${exchanges} exchanges, ${samples.at(-1)} MB`);
  }, sampleEveryMs);
  try {
    await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
    clearInterval(sampler);
    const alive = await fetch(`${server.url}/health/live`).catch(() => null);
    if (alive?.status !== 200) findings.push('the server does not answer any more');
    const memory = growth(samples);
    if (samples.length >= samplesMin && memory.end - memory.warm > growthMbMax)
      findings.push(`memory grew from ${memory.warm} to ${memory.end} MB`);
    return { seed, exchanges, answers, memory, findings };
  } finally {
    clearInterval(sampler);
    const code = await server.stop();
    if (code !== 0) findings.push(`the server ended with ${code}`);
    await project.remove();
    await target.close();
  }
}

/** A few at a time: to make them takes this process some time, in which it sends nothing. */
function rubbish(seed: number): Buffer[] {
  return fc.sample(fc.oneof({ weight: 3, arbitrary: request }, rawRubbish), { seed, numRuns: 50 });
}

/** The medians of the second and the last tenth, so that a single collection decides nothing. */
function growth(samples: readonly number[]): FuzzReport['memory'] {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const median = (part: readonly number[]) =>
    part.toSorted((one, other) => one - other)[part.length >> 1] ?? 0;
  return {
    warm: median(samples.slice(tenth, 2 * tenth + 1)),
    end: median(samples.slice(-tenth)),
    most: Math.max(...samples),
  };
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const report = await fuzz({ seconds: Number(values.seconds ?? 180), seed, say: console.log });
  console.log(JSON.stringify(report, null, 2));
  process.exitCode = report.findings.length === 0 ? 0 : 1;
}
