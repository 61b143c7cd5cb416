import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { limits } from '../limits.ts';
import { addTally, newTally, type Tally } from '../workflow/plan/tally.ts';

interface PlanRun {
  /** Of the project, as `loadProject` takes them; they compile. */
  readonly files: ReadonlyMap<string, string>;
  /** At most limits.planThreadsMax are begun. */
  readonly threads: number;
  /** Hears how many tickets have been decided so far. */
  readonly progress?: (tickets: number) => void;
}

/**
 * Decides recorded triggers again on several threads. `lines`: whole lines of GET /api/triggers, of which the next are
 * read only when a thread has room, so that memory does not grow with their number.
 */
export async function planned(lines: AsyncIterable<Buffer>, run: PlanRun): Promise<Tally> {
  const tally = newTally();
  const threads: PlanThread[] = [];
  const threadsMax = Math.min(run.threads, limits.planThreadsMax);
  try {
    const take = (counted: Tally) => {
      addTally(tally, counted);
      run.progress?.(tally.counts.tickets);
    };
    const underway = new Set<Promise<void>>();
    for await (const batch of batchesOf(lines)) {
      // A short window is decided by one: the others would compile the project for nothing.
      const isBusy = threads.every((thread) => thread.waiting() > 0);
      if (isBusy && threads.length < threadsMax) threads.push(planThread(run.files));
      const free = await roomIn(threads);
      // One that fails stays: it is met when all are waited for.
      const done: Promise<void> = free
        .decide(batch)
        .then(take)
        .then(() => void underway.delete(done));
      done.catch(() => {});
      underway.add(done);
    }
    await Promise.all(underway);
    return tally;
  } finally {
    await Promise.all(threads.map((thread) => thread.stop()));
  }
}

interface PlanThread {
  readonly waiting: () => number;
  /** Resolves when it can take another batch. */
  room(): Promise<unknown>;
  decide(batch: Uint8Array<ArrayBuffer>): Promise<Tally>;
  stop(): Promise<unknown>;
}

/** What a thread may have before it: one at work, one to go on with. */
const waitingMax = 2;

function planThread(files: ReadonlyMap<string, string>): PlanThread {
  const script = new URL(`plan-worker${extname(import.meta.filename)}`, import.meta.url);
  const worker = new Worker(script, { workerData: files });
  const asked: { resolve: (tally: Tally) => void; reject: (error: unknown) => void }[] = [];
  let failure: unknown = null;
  worker.on('message', (tally: Tally) => asked.shift()?.resolve(tally));
  worker.on('error', (error) => {
    failure = error;
    for (const { reject } of asked.splice(0)) reject(error);
  });
  return {
    waiting: () => asked.length,
    room: async () => {
      if (failure !== null) throw failure;
      while (asked.length >= waitingMax) await once(worker, 'message');
    },
    decide: (batch) =>
      new Promise((resolve, reject) => {
        if (failure !== null) reject(failure);
        asked.push({ resolve, reject });
        worker.postMessage(batch, [batch.buffer]);
      }),
    stop: () => worker.terminate(),
  };
}

async function roomIn(threads: readonly PlanThread[]): Promise<PlanThread> {
  await Promise.race(threads.map((thread) => thread.room()));
  const [first, ...others] = threads;
  if (first === undefined) throw new Error('a plan needs a thread');
  return others.reduce((least, each) => (each.waiting() < least.waiting() ? each : least), first);
}

/** Larger pieces of whole lines, each in memory of its own that can be handed to a thread. */
async function* batchesOf(lines: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  const batch = () => {
    const whole = new Uint8Array(bytes);
    let at = 0;
    for (const each of waiting) {
      whole.set(each, at);
      at += each.length;
    }
    [waiting, bytes] = [[], 0];
    return whole;
  };
  for await (const each of lines) {
    waiting.push(each);
    bytes += each.length;
    if (bytes >= limits.planBatchBytes) yield batch();
  }
  if (bytes > 0) yield batch();
}
