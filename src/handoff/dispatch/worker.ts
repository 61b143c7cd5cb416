import { setTimeout as wait } from 'node:timers/promises';
import type { Db } from '../../db/schema.ts';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Shell } from '../../shell.ts';
import { createPacer, type Pacer } from '../pace/worker.ts';
import {
  type DueHandoff,
  earliestHandoffs,
  type HandoffName,
  nameOf,
  type Queue,
  setAside,
} from '../store.ts';

export interface Dispatcher {
  /** Handoffs may have become due, here or in what was just committed: looks soon. For speed only. */
  wake(): void;
  /**
   * Begins to call `work` with what is due, at most limits.handoffsInFlightMax at once. `claimed`, where it is called, says
   * that the row no longer shows as due.
   */
  start(work: Work): void;
  /** Begins nothing more. Graceful: resolves when what was begun has ended, at the latest after limits.stopHandoffsMs. */
  stop(options: { readonly graceful: boolean }): Promise<void>;
}

type Work = (handoff: HandoffName, claimed: () => void) => Promise<void>;

/**
 * Finds handoffs whose time has come, by their rows, and has them worked on: the rows are the queue.
 * It looks when it is woken, when work has ended, when the next one is due, and each limits.dispatchEveryMs in any case,
 * so that what another node promised, or a killed one left, is found without anybody telling. Two nodes may find the
 * same row: who claims it first works on it. What throws is logged and set aside, and the others go on.
 */
export function createDispatcher(
  shell: Pick<Shell, 'db' | 'clock' | 'log' | 'project'>,
  pacer: Pacer = createPacer(shell),
  db: Db = shell.db,
): Dispatcher {
  const inFlight = new Map<string, Promise<void>>();
  /** Of each queue, how many are under way. */
  const underWay = new Map<Queue, number>();
  /** Whose work ended while the rows were read: they may have been read as they stood before. */
  const endedMeanwhile = new Set<string>();
  /** Of those, the ones that still stand in their rows as due. */
  const unclaimed = new Map<Queue, number>();
  /** Queues of which more was due than there was room for. */
  let behind = new Set<Queue>();
  let work: Work | null = null;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  let looking: Promise<void> | null = null;
  let lookedAt = 0;
  let again = false;

  const lookIn = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(look, ms).unref();
  };
  const wake = () => {
    again = true;
    if (work !== null && looking === null)
      lookIn(Math.max(0, lookedAt + limits.dispatchGapMs - performance.now()));
  };

  const lookSoon = () => {
    if (work === null || soon !== undefined) return;
    soon = setTimeout(wake, limits.dispatchBehindMs).unref();
  };

  function look(): void {
    if (work === null || looking !== null) return;
    again = false;
    clearTimeout(soon);
    soon = undefined;
    lookedAt = performance.now();
    looking = beginDue()
      .catch((err: unknown) => {
        shell.log.warn({ err }, 'due handoffs could not be looked for');
        return limits.dispatchEveryMs;
      })
      .then((nextMs) => {
        looking = null;
        if (work !== null) lookIn(again ? Math.min(nextMs, limits.dispatchGapMs) : nextMs);
      });
  }

  /** Begins what is due, as far as there is room here and at its destination. Returns when to look again, in ms. */
  async function beginDue(): Promise<number> {
    await pacer.refresh();
    let room = limits.handoffsInFlightMax - inFlight.size;
    if (room === 0) return limits.dispatchEveryMs;
    endedMeanwhile.clear();
    const rooms = new Map(queues().map((queue) => [queue, roomOf(queue)]));
    // What was begun may still stand in its row as due.
    const rowsMax = (queue: Queue, free: number) =>
      free === 0 ? 0 : Math.min(free, room) + (unclaimed.get(queue) ?? 0) + 1;
    const wanted = [...rooms].map(([queue, each]) => ({ queue, rowsMax: rowsMax(queue, each.room) }));
    const waiting = await earliestHandoffs(db, wanted, limits.destinationConcurrency);
    const now = shell.clock.now();
    let nextMs: number = Math.min(limits.dispatchEveryMs, ...[...rooms.values()].map(({ waitMs }) => waitMs));
    behind = new Set([...behind].filter((queue) => rooms.get(queue)?.room === 0));
    for (const handoff of waiting) {
      const name = nameOf(handoff);
      if (inFlight.has(name) || endedMeanwhile.has(name)) continue;
      if (handoff.dueAt > now) {
        nextMs = Math.min(nextMs, handoff.dueAt.getTime() - now.getTime());
        continue;
      }
      const { queue } = handoff;
      const free = roomOf(queue).room;
      if (room === 0 || free === 0) behind.add(queue);
      if (room === 0) continue;
      if (free === 0 || !(queue === null || (await pacer.begin(queue, name)))) continue;
      room -= 1;
      begin(handoff);
    }
    return nextMs;
  }

  /** Of the destinations of the project, and of those that left it while work for them is under way; and of what asks none. */
  function queues(): Queue[] {
    return [...new Set([null, ...shell.project().destinations.keys(), ...underWay.keys()])];
  }

  function roomOf(queue: Queue): { readonly room: number; readonly waitMs: number } {
    const begun = underWay.get(queue) ?? 0;
    if (queue !== null) return pacer.room(queue, begun);
    return { room: Math.max(0, limits.destinationConcurrency - begun), waitMs: Number.POSITIVE_INFINITY };
  }

  function begin({ ticketId, handoffSeq, queue }: DueHandoff): void {
    if (work === null) return;
    const name = nameOf({ ticketId, handoffSeq });
    count(underWay, queue, 1);
    count(unclaimed, queue, 1);
    let isClaimed = false;
    const claimed = () => {
      if (!isClaimed) count(unclaimed, queue, -1);
      isClaimed = true;
    };
    const running = work({ ticketId, handoffSeq }, claimed)
      .catch((err: unknown) => putOff({ ticketId, handoffSeq }, err))
      .finally(() => {
        inFlight.delete(name);
        endedMeanwhile.add(name);
        if (queue !== null) pacer.ended(queue, name);
        claimed();
        count(underWay, queue, -1);
        // Where more is waiting than there is room for, those who follow are found a few at a time.
        const { room } = roomOf(queue);
        if (behind.has(queue) && room < (underWay.get(queue) ?? 0) * limits.dispatchRoomPart) lookSoon();
        else wake();
      });
    inFlight.set(name, running);
  }

  async function putOff({ ticketId, handoffSeq }: HandoffName, err: unknown): Promise<void> {
    shell.log.error({ err, ticket: ticketId, handoff: handoffSeq }, 'a handoff could not be worked on');
    const until = plusMs(shell.clock.now(), limits.handoffSetAsideMs);
    // Where the database is gone, the row stays due, and is found when it is back.
    await setAside(shell.db, ticketId, handoffSeq, until).catch(() => {});
  }

  return {
    wake,
    start(given) {
      work = given;
      look();
    },
    async stop({ graceful }) {
      work = null;
      clearTimeout(timer);
      clearTimeout(soon);
      await looking;
      // An attempt that takes longer is left behind: its lease lapses, and whoever comes next makes it again.
      const ended = Promise.all(inFlight.values());
      if (graceful) await Promise.race([ended, wait(limits.stopHandoffsMs, null, { ref: false })]);
    },
  };
}

function count(counts: Map<Queue, number>, key: Queue, by: 1 | -1): void {
  const counted = (counts.get(key) ?? 0) + by;
  if (counted === 0) counts.delete(key);
  else counts.set(key, counted);
}
