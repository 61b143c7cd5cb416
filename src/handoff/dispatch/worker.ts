import { setTimeout as wait } from 'node:timers/promises';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Shell } from '../../shell.ts';
import { earliestHandoffs, type HandoffName, setAside } from '../store.ts';

export interface Dispatcher {
  /** Handoffs may have become due, here or in what was just committed: looks soon. For speed only. */
  wake(): void;
  /** Begins to call `work` with what is due, at most limits.handoffsInFlightMax at once. */
  start(work: (handoff: HandoffName) => Promise<void>): void;
  /** Begins nothing more. Graceful: resolves when what was begun has ended, at the latest after limits.stopHandoffsMs. */
  stop(options: { readonly graceful: boolean }): Promise<void>;
}

/**
 * Finds handoffs whose time has come, by their rows, and has them worked on: the rows are the queue.
 * It looks when it is woken, when work has ended, when the next one is due, and each limits.dispatchEveryMs in any case,
 * so that what another node promised, or a killed one left, is found without anybody telling. Two nodes may find the
 * same row: who claims it first works on it. What throws is logged and set aside, and the others go on.
 */
export function createDispatcher(shell: Pick<Shell, 'db' | 'clock' | 'log'>): Dispatcher {
  const inFlight = new Map<string, Promise<void>>();
  /** Whose work ended while the rows were read: they may have been read as they stood before. */
  const endedMeanwhile = new Set<string>();
  let work: ((handoff: HandoffName) => Promise<void>) | null = null;
  let timer: NodeJS.Timeout | undefined;
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

  function look(): void {
    if (work === null || looking !== null) return;
    again = false;
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

  /** Begins what is due, as far as there is room. Returns when to look again, in ms. */
  async function beginDue(): Promise<number> {
    const room = limits.handoffsInFlightMax - inFlight.size;
    if (room === 0) return limits.dispatchEveryMs;
    endedMeanwhile.clear();
    const earliest = await earliestHandoffs(shell.db, limits.handoffsInFlightMax + 1);
    // What is under way may still stand in its row as due.
    const isFree = (name: string) => !inFlight.has(name) && !endedMeanwhile.has(name);
    const waiting = earliest.filter((handoff) => isFree(nameOf(handoff)));
    const now = shell.clock.now();
    const due = waiting.filter(({ dueAt }) => dueAt <= now);
    for (const handoff of due.slice(0, room)) begin(handoff);
    const next = waiting[due.length];
    if (due.length > room || next === undefined) return limits.dispatchEveryMs;
    return Math.min(limits.dispatchEveryMs, next.dueAt.getTime() - now.getTime());
  }

  function begin({ ticketId, handoffSeq }: HandoffName): void {
    if (work === null) return;
    const name = nameOf({ ticketId, handoffSeq });
    const running = work({ ticketId, handoffSeq })
      .catch((err: unknown) => putOff({ ticketId, handoffSeq }, err))
      .finally(() => {
        inFlight.delete(name);
        endedMeanwhile.add(name);
        wake();
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
      await looking;
      // An attempt that takes longer is left behind: its lease lapses, and whoever comes next makes it again.
      const ended = Promise.all(inFlight.values());
      if (graceful) await Promise.race([ended, wait(limits.stopHandoffsMs, null, { ref: false })]);
    },
  };
}

function nameOf({ ticketId, handoffSeq }: HandoffName): string {
  return `${ticketId}/${handoffSeq}`;
}
