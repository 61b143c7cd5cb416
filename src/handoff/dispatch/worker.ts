import { setTimeout as wait } from 'node:timers/promises';
import type { Db } from '../../db/schema.ts';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Shell } from '../../shell.ts';
import { createPacer, type Pacer } from '../pace/worker.ts';
import { type DueHandoff, earliestHandoffs, type HandoffName, nameOf, setAside } from '../store.ts';

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
  /** Of each destination, how many are under way. */
  const underWay = new Map<string, number>();
  /** Whose work ended while the rows were read: they may have been read as they stood before. */
  const endedMeanwhile = new Set<string>();
  /** Of those, the ones that still stand in their rows as due. */
  const unclaimed = new Map<string, number>();
  /** Destinations of which more was due than there was room for. */
  let behind = new Set<string>();
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
    const rooms = new Map(destinations().map((key) => [key, pacer.room(key, underWay.get(key) ?? 0)]));
    // What was begun may still stand in its row as due.
    const wanted = [...rooms].map(([destination, each]) => ({
      destination,
      rowsMax: each.room === 0 ? 0 : Math.min(each.room, room) + (unclaimed.get(destination) ?? 0) + 1,
    }));
    const earliest = await earliestHandoffs(db, wanted, limits.destinationConcurrency);
    const waiting = earliest.filter(
      (handoff) => !inFlight.has(nameOf(handoff)) && !endedMeanwhile.has(nameOf(handoff)),
    );
    const now = shell.clock.now();
    let nextMs: number = Math.min(limits.dispatchEveryMs, ...[...rooms.values()].map(({ waitMs }) => waitMs));
    behind = new Set([...behind].filter((key) => rooms.get(key)?.room === 0));
    for (const handoff of waiting) {
      if (handoff.dueAt > now) {
        nextMs = Math.min(nextMs, handoff.dueAt.getTime() - now.getTime());
        continue;
      }
      const free = pacer.room(handoff.destination, underWay.get(handoff.destination) ?? 0).room;
      if (room === 0 || free === 0) behind.add(handoff.destination);
      if (room === 0) continue;
      if (free === 0 || !(await pacer.begin(handoff.destination, nameOf(handoff)))) continue;
      room -= 1;
      begin(handoff);
    }
    return nextMs;
  }

  /** Those of the project, and those that left it while work for them is under way. */
  function destinations(): string[] {
    return [...new Set([...shell.project().destinations.keys(), ...underWay.keys()])];
  }

  function begin({ ticketId, handoffSeq, destination }: DueHandoff): void {
    if (work === null) return;
    const name = nameOf({ ticketId, handoffSeq });
    count(underWay, destination, 1);
    count(unclaimed, destination, 1);
    let isClaimed = false;
    const claimed = () => {
      if (!isClaimed) count(unclaimed, destination, -1);
      isClaimed = true;
    };
    const running = work({ ticketId, handoffSeq }, claimed)
      .catch((err: unknown) => putOff({ ticketId, handoffSeq }, err))
      .finally(() => {
        inFlight.delete(name);
        endedMeanwhile.add(name);
        pacer.ended(destination, name);
        claimed();
        count(underWay, destination, -1);
        // Where more is waiting than there is room for, those who follow are found a few at a time.
        const { room } = pacer.room(destination, underWay.get(destination) ?? 0);
        if (behind.has(destination) && room < (underWay.get(destination) ?? 0) * limits.dispatchRoomPart)
          lookSoon();
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

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const counted = (counts.get(key) ?? 0) + by;
  if (counted === 0) counts.delete(key);
  else counts.set(key, counted);
}
