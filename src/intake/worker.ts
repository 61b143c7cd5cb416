import { randomBytes } from 'node:crypto';
import type { Delivery, Trigger } from '../decision.ts';
import { keyReused, type Once } from '../dedupe/request/key.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { changed } from '../platform/changed.ts';
import { deliveryId } from '../platform/ids.ts';
import { type Arrival, type Arrivals, type Processed, processFirsts, processGroup } from '../process.ts';
import type { Shell } from '../shell.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';
import { createFairQueue } from './fair-queue.ts';
import { splitDelivery } from './split.ts';
import type { Received, Submitted } from './submitted.ts';

export interface Intake {
  /**
   * Takes one delivery: all of its triggers, which are of one source, are committed together or none is.
   * Resolves after that commit with one answer a trigger, in order; all are `busy` where nothing was taken.
   * `whole`: what several triggers were split from, as it was sent. Triggers: 1 to limits.triggersPerDeliveryMax.
   */
  submit(triggers: readonly Trigger[], whole?: Trigger, once?: Once): Promise<Submitted[]>;
  /**
   * Takes a delivery as it was sent: submits the triggers that it holds, perhaps none, or the one that it is.
   * With `once` a repeat of the same request ends as the first did; AppError('unprocessable') where the key is another's.
   */
  receive(whole: Trigger, once?: Once): Promise<Received>;
  /** Takes no more, and resolves when all that was taken has been answered. */
  stop(): Promise<void>;
}

/** A delivery in the queue. */
interface Waiting extends Arrivals {
  /** When it was taken, on the process's own clock, in ms. */
  readonly takenAt: number;
  readonly resolve: (processed: Processed) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers concurrent deliveries into group commits.
 * A lone trigger never waits for company: where no group is under way, one starts at once with all that waits by then (at
 * most limits.groupSizeMax triggers and limits.groupBytesMax bytes, in turns of their sources). Beside others, of which
 * there are at most limits.groupsInFlightMax, it starts when limits.groupCompanyMin deliveries wait for it or after
 * limits.groupCompanyMs: what a group costs besides its triggers is shared by more of them. What has no answer after limits.intakeAnswerMs is told so, wherever it is; and while a group
 * is overdue nothing is taken at all, for then the database does not answer.
 */
export function createIntake(shell: Shell): Intake {
  const queue = createFairQueue<Waiting>({
    triggers: limits.intakeQueueMax,
    bytes: limits.intakeQueueBytesMax,
  });
  const groupMost = { triggers: limits.groupSizeMax, bytes: limits.groupBytesMax };
  const inFlight = new Set<readonly Waiting[]>();
  let overdue = false;
  let stopped = false;
  let drained: (() => void) | null = null;
  let gathering = false;
  const gather = () => {
    if (gathering) return;
    gathering = true;
    setTimeout(() => {
      gathering = false;
      pump(true);
    }, limits.groupCompanyMs);
  };

  const pump = (hurried = false) => {
    while (inFlight.size < limits.groupsInFlightMax && queue.length() > 0) {
      if (inFlight.size > 0 && !hurried && queue.length() < limits.groupCompanyMin) {
        gather();
        break;
      }
      const group = queue.takeGroup(groupMost);
      inFlight.add(group);
      void commit(shell, group).finally(() => {
        inFlight.delete(group);
        overdue = false;
        pump();
      });
    }
    if (inFlight.size === 0) drained?.();
  };

  const watch = setInterval(() => {
    const until = performance.now() - limits.intakeAnswerMs;
    const late = [...inFlight].flat().filter(({ takenAt }) => takenAt <= until);
    overdue = late.length > 0;
    for (const { reject } of [...late, ...queue.takeOffered(until)]) reject(unanswered());
  }, limits.intakeAnswerMs / 10).unref();

  const intake: Intake = {
    async submit(triggers, whole, once) {
      const [first] = triggers;
      if (first === undefined || triggers.length > limits.triggersPerDeliveryMax) {
        throw new RangeError(`a delivery of ${triggers.length} triggers`);
      }
      const workflow = workflowOf(shell, first.source);
      const delivery = whole === undefined ? null : deliveryOf(shell, whole);
      const arrivals = triggers.map((trigger) => ({ workflow, trigger, delivery }));
      const size = { triggers: triggers.length, bytes: bytesOf(arrivals, delivery) };
      const takenAt = performance.now();
      const { promise, resolve, reject } = Promise.withResolvers<Processed>();
      const waiting = { arrivals, once: once ?? null, takenAt, resolve, reject };
      if (stopped || overdue || !queue.offer(first.source, waiting, size, takenAt)) {
        return triggers.map(() => ({ kind: 'busy', retryAfterSeconds: limits.retryAfterSeconds }));
      }
      // Everything that arrives in this turn of the event loop shares a group.
      setImmediate(() => pump());
      const submitted = endOf(await promise);
      noteTaken(submitted);
      return submitted;
    },
    async receive(whole, once) {
      const split = splitDelivery(workflowOf(shell, whole.source).trigger, whole);
      if (split.kind !== 'parts') {
        const [only] = await intake.submit([whole], undefined, once);
        return { split: false, submitted: only as Submitted };
      }
      const parts = split.parts.length === 0 ? [] : await intake.submit(split.parts, whole, once);
      return { split: true, submitted: parts };
    },
    async stop() {
      stopped = true;
      const { promise, resolve } = Promise.withResolvers<void>();
      drained = resolve;
      pump(true);
      await promise;
      clearInterval(watch);
    },
  };
  return intake;
}

export function workflowOf(shell: Shell, source: string): CompiledWorkflow {
  for (const workflow of shell.project().workflows.values()) {
    if (workflow.trigger.source === source) return workflow;
  }
  throw new AppError('not_found', `No workflow reads the source ${source}`, {
    help: `Add a workflow with trigger.source: ${source}, or remove the source`,
  });
}

/** Tells those who watch of what has just been committed. */
function noteTaken(submitted: readonly Submitted[]): void {
  for (const each of submitted) if (each.kind !== 'busy') changed({ ticketId: each.ticketId, headSeq: 1 });
}

function endOf(processed: Processed): Submitted[] {
  switch (processed.kind) {
    case 'committed':
      return [...processed.triggers];
    case 'repeated':
      return processed.triggers.map((trigger) => ({ ...trigger, repeated: true }));
    case 'key_reused':
      throw keyReused();
  }
}

function deliveryOf(shell: Shell, whole: Trigger): Delivery {
  return { id: deliveryId(shell.clock.now(), randomBytes(10)), whole };
}

function bytesOf(arrivals: readonly Arrival[], delivery: Delivery | null): number {
  const parts = arrivals.reduce((sum, { trigger }) => sum + trigger.body.length, 0);
  return parts + (delivery?.whole.body.length ?? 0);
}

/** Commits a group: what is alone and the first of its identity by one statement, the rest by a transaction. */
async function commit(shell: Shell, group: readonly Waiting[]): Promise<void> {
  let left = group;
  try {
    const processed = await processFirsts(shell, group);
    left = group.filter((_, index) => processed[index] === null);
    answer(group, processed);
  } catch (error) {
    if (isUnavailable(error)) return refuse(shell, group, error);
    shell.log.error({ err: error, deliveries: group.length }, 'a group failed: it is tried in a transaction');
  }
  if (left.length > 0) await commitTogether(shell, left);
}

/** Where the transaction fails for a reason of one of its deliveries, its halves are tried, down to the one. */
async function commitTogether(shell: Shell, group: readonly Waiting[]): Promise<void> {
  try {
    answer(group, await processGroup(shell, group));
  } catch (error) {
    if (isUnavailable(error)) return refuse(shell, group, error);
    if (group.length === 1) return group[0]?.reject(error);
    shell.log.error({ err: error, deliveries: group.length }, 'a group failed: its halves are tried');
    const half = Math.ceil(group.length / 2);
    await commitTogether(shell, group.slice(0, half));
    await commitTogether(shell, group.slice(half));
  }
}

function answer(group: readonly Waiting[], processed: readonly (Processed | null)[]): void {
  group.forEach(({ resolve }, index) => {
    const became = processed[index];
    if (became) resolve(became);
  });
}

function refuse(shell: Shell, group: readonly Waiting[], cause: unknown): void {
  shell.log.warn({ err: cause, deliveries: group.length }, 'the database did not take a group');
  const unavailable = new AppError('unavailable', 'The database is not available: nothing was accepted', {
    help: 'Send it again in a moment',
    cause,
  });
  for (const { reject } of group) reject(unavailable);
}

/** Its group may yet commit: whoever sends it again is told the ticket then. */
function unanswered(): AppError {
  return new AppError('unavailable', 'The database does not answer; the trigger may not have been accepted', {
    help: 'Send it again in a moment: what was accepted all the same is joined, not taken twice',
  });
}

/** Connection lost, shutting down, out of room, deadlock: the group is not at fault. No SQLSTATE: the connection itself. */
function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code === null) return /connect|connection|timeout/i.test(error.message);
  return /^(08|53|57|40|E[A-Z]+$)/.test(code);
}
