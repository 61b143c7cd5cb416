import { limits } from '../limits.ts';
import { type Noted, onChanged } from '../platform/changed.ts';
import type { Shell } from '../shell.ts';
import { type Change, changesOf, type Told } from './change.ts';
import { appendChanges, changesAfter, changesKept, forgetChanges, standingOf } from './store.ts';

/** Tells those who watch what has changed, on whichever node it was. */
export interface Changes {
  /**
   * Calls `listener` with what is told after a row; null: from now on. Resolves with the row that it begins behind, and
   * whether what came before it is forgotten: then the watcher reads everything again. `stop` ends it. Rejects where the
   * database does not answer: then nothing is heard.
   */
  watch(
    after: number | null,
    listener: (told: Told) => void,
  ): Promise<{ readonly begins: number; readonly forgotten: boolean; stop(): void }>;
  /** What was taken, as soon as it is committed. */
  forget(now: Date): Promise<number>;
  /** Tells and reads at once what there is; for tests, which do not wait. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Changes are noted in memory where they are made, told a moment later by one row for all of them, and read from there by
 * every node that somebody watches: nothing of it is in the commits of the path. docs/decisions/stream.md says why.
 *
 *   noted ──its head is committed──▶ told ──▶ read by each node ──▶ forgotten after limits.changesKeptMs
 *     └──────limits.changeCommitMs pass: it was rolled back──▶ dropped
 */
export function createChanges(shell: Pick<Shell, 'db' | 'clock' | 'log'>): Changes {
  const { db, clock, log } = shell;
  const noted = new Map<string, { headSeq: number; since: number; told: boolean }>();
  let others: Change[] = [{ kind: 'everything' }];
  const listeners = new Set<(told: Told) => void>();
  let seen = new Set<number>();
  let last = 0;
  let flushing: NodeJS.Timeout | undefined;
  let reading: NodeJS.Timeout | undefined;
  let work: Promise<unknown> = Promise.resolve();
  let stopped = false;

  const unsubscribe = onChanged(note);
  soon();

  function note(what: Noted): void {
    if (stopped) return;
    if ('ticketId' in what) {
      const headSeq = Math.max(what.headSeq, noted.get(what.ticketId)?.headSeq ?? 0);
      if (noted.has(what.ticketId) || noted.size < limits.changesNotedMax)
        noted.set(what.ticketId, { headSeq, since: performance.now(), told: false });
    } else if (others.length < limits.changesNotedMax) {
      others.push('workflow' in what ? { kind: 'workflow', ...what } : { kind: 'destination', ...what });
    }
    soon();
  }

  /** One after the other, so that nothing is read twice or told twice. */
  function inTurn(act: () => Promise<void>): Promise<void> {
    const done = work.then(act);
    work = done.catch(() => {});
    return done;
  }

  /** What fails is told to the log, and done again: nobody else comes back to it. */
  async function attempt(act: () => Promise<void>, again: () => void): Promise<void> {
    await inTurn(act).catch((err: unknown) => {
      log.warn({ err }, 'changes could not be told');
      again();
    });
  }

  function soon(ms: number = limits.changesTellMs): void {
    if (stopped) return;
    flushing ??= setTimeout(() => {
      flushing = undefined;
      void attempt(tell, () => soon(limits.changesRetryMs));
    }, ms).unref();
  }

  async function tell(): Promise<void> {
    // As they are now: what is noted from here on is told next time.
    const own = [...others];
    const looked = [...noted];
    const all = looked.length > limits.changesToldMax;
    const standing = all || looked.length === 0 ? null : await standingOf(db, [...noted.keys()]);
    // What was noted before its commit is looked at again until it is there.
    const heads = new Map((standing?.tickets ?? []).map(({ id, head_seq }) => [id, head_seq]));
    const there = new Set(
      looked.flatMap(([id, { headSeq }]) => ((heads.get(id) ?? 0) >= headSeq ? [id] : [])),
    );
    const of = <T>(rows: readonly T[], id: (row: T) => string) => rows.filter((row) => there.has(id(row)));
    const changes: Change[] = all ? [{ kind: 'everything' }] : [...own];
    if (standing !== null) {
      changes.push(
        ...changesOf({
          tickets: of(standing.tickets, ({ id }) => id),
          exceptions: of(standing.exceptions, ({ ticket_id }) => ticket_id),
          handoffs: of(standing.handoffs, ({ ticket_id }) => ticket_id),
          approvals: of(standing.approvals, ({ ticket_id }) => ticket_id),
        }),
      );
    }
    if (changes.length > 0) await appendChanges(db, changes, clock.now());
    others = others.slice(own.length);
    const late = performance.now() - limits.changeCommitMs;
    for (const [id, one] of looked) {
      // It has changed again meanwhile.
      if (noted.get(id) !== one) continue;
      if (there.has(id) || (all ? one.told : one.since < late)) noted.delete(id);
      // Of many, too, the last may not be committed yet: that there are is told once more.
      else one.told = all;
    }
    if (noted.size > 0 || others.length > 0) soon();
    if (changes.length > 0 && listeners.size > 0) await read();
  }

  /** Ids are given out before their commit, so a later one may show first: the last few are looked at again. */
  async function read(): Promise<void> {
    const rows = await changesAfter(db, Math.max(0, last - limits.changesOverlap), limits.changesReadMax);
    for (const told of rows) {
      if (seen.has(told.id)) continue;
      for (const listener of listeners) listener(told);
      last = Math.max(last, told.id);
    }
    seen = new Set(rows.map(({ id }) => id));
  }

  function keepReading(): void {
    if (reading !== undefined || listeners.size === 0 || stopped) return;
    reading = setTimeout(() => {
      reading = undefined;
      void attempt(read, () => {}).then(keepReading);
    }, limits.changesReadMs).unref();
  }

  return {
    async watch(after, listener) {
      let begins = 0;
      let forgotten = false;
      let before: Told[] = [];
      await inTurn(async () => {
        const kept = await changesKept(db);
        begins = after ?? kept?.last ?? 0;
        forgotten = after !== null && (kept === null || kept.first > after + 1 || after > kept.last);
        if (forgotten) begins = kept?.last ?? 0;
        else if (after !== null) {
          before = await changesAfter(db, Math.max(0, after - limits.changesOverlap), limits.changesReadMax);
          if (before.length === limits.changesReadMax) {
            forgotten = true;
            before = [];
            begins = kept?.last ?? 0;
          }
        }
        if (listeners.size === 0) {
          last = kept?.last ?? 0;
          const overlap = await changesAfter(
            db,
            Math.max(0, last - limits.changesOverlap),
            limits.changesReadMax,
          );
          seen = new Set(overlap.map(({ id }) => id));
        }
        listeners.add(listener);
      });
      for (const told of before) listener(told);
      keepReading();
      return { begins, forgotten, stop: () => void listeners.delete(listener) };
    },
    forget: (now) => forgetChanges(db, new Date(now.getTime() - limits.changesKeptMs)),
    async settle() {
      await inTurn(tell);
      await inTurn(read);
    },
    async stop() {
      stopped = true;
      unsubscribe();
      clearTimeout(flushing);
      clearTimeout(reading);
      await attempt(tell, () => {});
      listeners.clear();
    },
  };
}
