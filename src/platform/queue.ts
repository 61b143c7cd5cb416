import { setTimeout as wait } from 'node:timers/promises';
import { fromKysely, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { prepared } from '../db/prepared.ts';
import type { Tx } from '../db/schema.ts';
import { limits } from '../limits.ts';
import type { Queue } from '../shell.ts';
import type { Clock } from './clock.ts';

/** A handoff that is to be looked at. */
export interface HandoffName {
  readonly ticketId: string;
  readonly handoffSeq: number;
}

export interface HandoffQueue {
  readonly queue: Queue;
  /** Begins to call `handler`, at most limits.handoffsInFlightMax at once. One that throws is logged: its row is found again. */
  start(handler: (handoff: HandoffName) => Promise<void>): Promise<void>;
  /** Takes no more. Graceful: resolves when what was begun has ended, at the latest after limits.stopHandoffsMs. */
  stop(options: { graceful: boolean }): Promise<void>;
}

const name = 'handoff';

/**
 * The queue of handoffs on pg-boss, in the same database as the rows that it names.
 * A queued entry is only a wake-up, done with as soon as its work begins: the handoff's row is the truth, and the
 * sweeper names every row whose time has passed. So pg-boss retries nothing, and what is lost here is only late.
 * One handoff is queued at most once (policy `short`), so sweeping a backlog adds nothing to it.
 */
export async function createQueue(options: {
  url: string;
  clock: Clock;
  log: Logger;
}): Promise<HandoffQueue> {
  const { url, clock, log } = options;
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'signalbox queue',
    max: limits.queueConnectionsMax,
    createSchema: false,
    schedule: false,
    useListenNotify: true,
    superviseIntervalSeconds: 30,
    maintenanceIntervalSeconds: 60,
    // Not ours to do while serving: the program's role may not own the indexes.
    reindex: false,
    registerInstance: false,
  });
  boss.on('error', (err) => log.warn({ err }, 'the queue had an error'));
  boss.on('warning', (warning) => log.warn({ warning }, 'the queue has a warning'));
  await boss.start();
  await boss.createQueue(name, {
    policy: 'short',
    notify: true,
    retryLimit: 0,
    deleteAfterSeconds: 60,
    retentionSeconds: 7 * 86_400,
  });
  const work = createWork(boss, log);
  return {
    queue: {
      async enqueue(tx, handoffs) {
        if (handoffs.length === 0) return;
        const now = clock.now().getTime();
        // A delay, not a time: our clock and the database's need not agree.
        const queued = handoffs.map(({ ticketId, handoffSeq, at }) => {
          const delayMs = at === undefined ? 0 : at.getTime() - now;
          const startAfter = delayMs > 0 ? { startAfter: delayMs / 1000 } : {};
          return { data: { ticketId, handoffSeq }, singletonKey: `${ticketId}/${handoffSeq}`, ...startAfter };
        });
        // The order of keys is everyone's: two transactions that name the same handoffs cannot wait crosswise.
        queued.sort((a, b) => (a.singletonKey < b.singletonKey ? -1 : 1));
        await boss.insert(name, queued, { db: preparing(tx) });
        for (const { startAfter } of queued) if (startAfter !== undefined) work.wakeIn(startAfter * 1000);
      },
    },
    start: work.start,
    async stop({ graceful }) {
      // What is under way may still queue what follows: the queue itself is closed last.
      await work.stop(graceful);
      await boss.stop({ graceful, close: true, timeout: limits.stopHandoffsMs });
    },
  };
}

/** pg-boss's statement is the same each time: prepared, it is planned once. */
function preparing(tx: Tx) {
  const { executeSql } = fromKysely(tx);
  return { executeSql: (text: string, values?: unknown[]) => executeSql(prepared(text), values) };
}

/** The receiving side: a bounded number of handlers side by side, so that slow ones do not hold up the others. */
function createWork(boss: PgBoss, log: Logger) {
  const inFlight = new Set<Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  let workerId: string | null = null;

  const begin = (handler: (handoff: HandoffName) => Promise<void>, handoff: HandoffName) => {
    const running: Promise<void> = handler(handoff)
      .catch((err) => log.error({ err, ...handoff }, 'a handoff could not be worked on'))
      .finally(() => inFlight.delete(running));
    inFlight.add(running);
  };

  return {
    async start(handler: (handoff: HandoffName) => Promise<void>): Promise<void> {
      const options = {
        batchSize: limits.handoffsInFlightMax,
        burstWhenBatchFull: true,
        pollingIntervalSeconds: 0.5,
        notifyPollingIntervalSeconds: 0.5,
      } as const;
      workerId = await boss.work<HandoffName>(name, options, async (queued) => {
        for (const { data } of queued) {
          while (inFlight.size >= limits.handoffsInFlightMax) await Promise.race(inFlight);
          // Left to the next sweep, here or on another node.
          if (workerId === null) return;
          begin(handler, data);
        }
      });
    },
    /** What is due soon does not wait for the next poll. Only for speed: a restart forgets it, and the poll does not. */
    wakeIn(ms: number): void {
      if (workerId === null || ms > limits.wakeWithinMs || timers.size >= limits.wakeTimersMax) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        if (workerId !== null) boss.notifyWorker(workerId);
      }, ms + 5);
      timer.unref();
      timers.add(timer);
    },
    async stop(graceful: boolean): Promise<void> {
      if (workerId === null) return;
      workerId = null;
      for (const timer of timers) clearTimeout(timer);
      await boss.offWork(name, { wait: graceful });
      // An attempt that takes longer is left behind: its lease lapses, and whoever comes next makes it again.
      if (graceful)
        await Promise.race([Promise.all(inFlight), wait(limits.stopHandoffsMs, null, { ref: false })]);
    },
  };
}
