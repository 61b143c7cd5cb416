import { limits } from '../../limits.ts';

/** Gathers what comes at about the same time, so that one commit does for all of it. */
export interface Group<T, R> {
  /** Resolves with what became of it, after the commit. */
  offer(item: T): Promise<R>;
}

interface Offered<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * What is offered in one turn of the event loop, or while the groups before it are under way, is committed together: at most
 * limits.handoffGroupMax, one of a ticket, and limits.handoffGroupsInFlightMax such groups at once. `commit` returns what
 * became of each, in order. Where it throws, each is committed by itself, so that one that cannot be written stops no other.
 */
export function createGroup<T, R>(
  commit: (items: readonly T[]) => Promise<readonly R[]>,
  ticketOf: (item: T) => string,
): Group<T, R> {
  let waiting: Offered<T, R>[] = [];
  let inFlight = 0;
  let planned = false;

  function pump(): void {
    planned = false;
    while (waiting.length > 0 && inFlight < limits.handoffGroupsInFlightMax) {
      inFlight += 1;
      void commitGroup(takeGroup()).finally(() => {
        inFlight -= 1;
        plan();
      });
    }
  }

  /** The longest waiting, but of each ticket the first alone. */
  function takeGroup(): Offered<T, R>[] {
    const group = new Map<string, Offered<T, R>>();
    const left: Offered<T, R>[] = [];
    for (const offered of waiting) {
      const ticket = ticketOf(offered.item);
      if (group.size < limits.handoffGroupMax && !group.has(ticket)) group.set(ticket, offered);
      else left.push(offered);
    }
    waiting = left;
    return [...group.values()];
  }

  function plan(): void {
    if (planned || waiting.length === 0) return;
    planned = true;
    setImmediate(pump);
  }

  async function commitGroup(group: readonly Offered<T, R>[]): Promise<void> {
    try {
      const results = await commit(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as R);
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      else for (const each of group) await commitGroup([each]);
    }
  }

  return {
    offer(item) {
      const { promise, resolve, reject } = Promise.withResolvers<R>();
      waiting.push({ item, resolve, reject });
      plan();
      return promise;
    },
  };
}
