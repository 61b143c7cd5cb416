import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Shell } from '../../shell.ts';
import { retryAfterMs } from '../backoff.ts';
import type { AttemptOutcome } from '../handoff.ts';
import { type Allowance, allowedAt, waitMsFor } from './allowance.ts';
import { type Circuit, healthy, nextCircuit, type PaceEvent, roomOf } from './circuit.ts';
import { type Act, readCircuit, readCircuits, type StoredCircuit, writeCircuit } from './store.ts';
import { emptyWindow, type Result, seenIn, type Window, withResult } from './window.ts';

/** Says how much may be sent to each destination, and learns from what comes of it. */
export interface Pacer {
  /** Learns what other nodes and people have decided, at most each limits.destinationRefreshMs. */
  refresh(): Promise<void>;
  /** How many more may be begun now, so many being under way; and when there may be more, in ms, if there is a time. */
  room(destination: string, inFlight: number): { readonly room: number; readonly waitMs: number };
  /** Asks before a handoff is begun. False: it has to wait; another node tries whether its destination is back. */
  begin(destination: string, handoff: string): Promise<boolean>;
  /** One more request goes out than was begun. */
  sent(destination: string): void;
  /** What came of a request. Returns whether a failed attempt is excused: its destination was known to be out. */
  learn(destination: string, handoff: string, outcome: AttemptOutcome, what: 'attempt' | 'reading'): boolean;
  /** The work on a handoff has ended, whatever became of it. */
  ended(destination: string, handoff: string): void;
}

/** What one node knows of one destination. */
interface Known {
  stored: StoredCircuit;
  window: Window;
  allowance: Allowance | null;
  /** The handoff that tries whether it is back. */
  probing: string | null;
  /** Changes are written one after the other; so many are not written yet. */
  writing: Promise<unknown>;
  unwritten: number;
  /** How often another's decision came before one of ours: what was decided before it was heard is not written. */
  overruled: number;
}

export function createPacer(shell: Pick<Shell, 'db' | 'clock' | 'log' | 'project'>): Pacer {
  const all = new Map<string, Known>();
  let refreshedAt = Number.NEGATIVE_INFINITY;

  function knownOf(key: string): Known {
    const known = all.get(key);
    if (known !== undefined) return known;
    const fresh = {
      stored: { circuit: healthy(shell.clock.now()), version: 0 },
      window: emptyWindow,
      allowance: null,
      probing: null,
      writing: Promise.resolve(),
      unwritten: 0,
      overruled: 0,
    };
    all.set(key, fresh);
    return fresh;
  }

  const paceOf = (key: string) => {
    const { concurrency = limits.destinationConcurrency, rate = null } =
      shell.project().destinations.get(key)?.pace ?? {};
    return { concurrency, rate };
  };

  /** Takes an event in at once, here, and writes what it makes of the circuit. Resolves with whether it was taken. */
  function take(key: string, event: PaceEvent): Promise<boolean> {
    const known = knownOf(key);
    const now = shell.clock.now();
    const before = known.stored.circuit;
    const next = nextCircuit(before, event, now);
    if (next === null) return Promise.resolve(false);
    const { overruled } = known;
    known.stored = { ...known.stored, circuit: next };
    if (next.state !== before.state) known.window = emptyWindow;
    known.unwritten += 1;
    const written = known.writing
      .then(() => known.overruled === overruled && write(key, next, actOf(before, next), now))
      .finally(() => {
        known.unwritten -= 1;
      });
    known.writing = written.catch((err: unknown) => {
      shell.log.warn({ err, destination: key }, 'how a destination is doing could not be written');
    });
    return written.catch(() => true);
  }

  async function write(key: string, circuit: Circuit, act: Act | null, now: Date): Promise<boolean> {
    const known = knownOf(key);
    const { version } = known.stored;
    if (await writeCircuit(shell.db, key, version, circuit, act, now)) {
      known.stored = { ...known.stored, version: version + 1 };
      return true;
    }
    // Another node, or a person, was first: what they have decided counts.
    known.overruled += 1;
    const theirs = await readCircuit(shell.db, key);
    if (theirs !== null) known.stored = theirs;
    return false;
  }

  function sent(key: string): void {
    const { rate } = paceOf(key);
    if (rate === null) return;
    const known = knownOf(key);
    const { left, at } = allowedAt(known.allowance, rate, shell.clock.now());
    known.allowance = { left: left - 1, at };
  }

  return {
    async refresh() {
      if (performance.now() - refreshedAt < limits.destinationRefreshMs) return;
      refreshedAt = performance.now();
      for (const [key, stored] of await readCircuits(shell.db)) {
        const known = knownOf(key);
        if (known.unwritten > 0 || stored.version <= known.stored.version) continue;
        if (stored.circuit.state !== known.stored.circuit.state) known.window = emptyWindow;
        known.stored = stored;
      }
      for (const key of all.keys()) void take(key, { kind: 'tick', concurrency: paceOf(key).concurrency });
    },
    room(key, inFlight) {
      const known = knownOf(key);
      const { circuit } = known.stored;
      const { concurrency, rate } = paceOf(key);
      const now = shell.clock.now();
      const open = roomOf(circuit, concurrency, now);
      // What was under way when it opened is no reason not to try whether it is back.
      const free = circuit.state === 'open' ? (known.probing === null ? open : 0) : open - inFlight;
      const waits = waitOf(circuit, now);
      if (rate === null) return { room: Math.max(0, free), waitMs: waits };
      known.allowance = allowedAt(known.allowance, rate, now);
      const allowed = Math.floor(known.allowance.left);
      const waitMs = allowed < free ? Math.min(waits, waitMsFor(known.allowance, rate) || 1) : waits;
      return { room: Math.max(0, Math.min(free, allowed)), waitMs };
    },
    async begin(key, handoff) {
      const known = knownOf(key);
      if (known.stored.circuit.state === 'open') {
        if (known.probing !== null) return false;
        known.probing = handoff;
        if (!(await take(key, { kind: 'probe' }))) {
          known.probing = null;
          return false;
        }
      }
      sent(key);
      return true;
    },
    sent,
    learn(key, handoff, outcome, what) {
      const known = knownOf(key);
      const now = shell.clock.now();
      const isProbe = known.probing === handoff;
      const wasSound = known.stored.circuit.state === 'closed';
      const waitMs = retryAfterMs(outcome.retryAfter, limits.destinationHoldMaxMs, now);
      const isThrottled = outcome.status === 429;
      if (isThrottled || (waitMs > 0 && outcome.status === 503)) {
        const until = plusMs(now, waitMs || limits.destinationHoldMs);
        void take(key, { kind: 'held', until, detail: outcome.detail });
      }
      if (isThrottled) return !wasSound;
      const result = resultOf(outcome);
      const failed = result !== 'came_through';
      // Readings may go well where nothing can be written: only attempts tell, and whatever tries whether it is back.
      if (what === 'attempt' || isProbe) {
        if (known.stored.circuit.state !== 'open')
          known.window = withResult(known.window, handoff, result, now);
        const { detail } = outcome;
        void take(
          key,
          failed
            ? { kind: 'failed', detail, seen: seenIn(known.window), isProbe }
            : { kind: 'came_through', isProbe },
        );
      }
      return failed && known.stored.circuit.state !== 'closed';
    },
    ended(key, handoff) {
      const known = knownOf(key);
      if (known.probing === handoff) known.probing = null;
    },
  };
}

/** What an attempt or a reading says of its destination: a refusal is an answer. */
function resultOf({ result, status }: AttemptOutcome): Result {
  if (result === 'not_sent' || (status !== null && gone.has(status))) return 'out';
  return result === 'unknown' ? 'failed' : 'came_through';
}

/** Bad gateway, unavailable, and a gateway's time out. */
const gone: ReadonlySet<number> = new Set([502, 503, 504]);

/** When a circuit may let more through, in ms from now. */
function waitOf({ state, probeAt, heldUntil }: Circuit, now: Date): number {
  const until = [heldUntil, probeAt].flatMap((at) => (at !== null && at > now ? [at.getTime()] : []));
  const waitMs = until.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...until) - now.getTime();
  return state === 'recovering' ? Math.min(waitMs, limits.rampStepMs) : waitMs;
}

/** What a change is for those who look later; null where it is none. */
function actOf(before: Circuit, after: Circuit): Act | null {
  if (after.state === before.state) return null;
  const act = after.state === 'open' ? 'opened' : after.state;
  return { act, actor: 'signalbox', reason: after.reason.slice(0, limits.noteCharsMax) };
}
