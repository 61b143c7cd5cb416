import { randomBytes } from 'node:crypto';
import type { Delivery, Trigger } from '../decision.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { deliveryId } from '../platform/ids.ts';
import { type Arrival, processGroup, type Settled } from '../process.ts';
import type { Shell } from '../shell.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';
import { type Submitted, submitted } from './submitted.ts';

export interface Intake {
  /**
   * Takes one delivery: all of its triggers, which are of one source, are committed together or none is.
   * Resolves after that commit with one answer a trigger, in order; all are `busy` where nothing was taken.
   * `whole`: what several triggers were split from, as it was sent. Triggers: 1 to limits.triggersPerDeliveryMax.
   */
  submit(triggers: readonly Trigger[], whole?: Trigger): Promise<Submitted[]>;
  /** Takes no more, and resolves when all that was taken has been answered. */
  stop(): Promise<void>;
}

/** A delivery in the queue. */
interface Waiting {
  readonly arrivals: readonly Arrival[];
  readonly bytes: number;
  readonly resolve: (settled: readonly Settled[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers concurrent deliveries into group commits.
 * No timer: a group starts as soon as one of limits.groupsInFlightMax places is free, with all that waits by then
 * (at most limits.groupSizeMax triggers and limits.groupBytesMax bytes), so a lone trigger never waits for company.
 */
export function createIntake(shell: Shell): Intake {
  const queue: Waiting[] = [];
  let queuedTriggers = 0;
  let queuedBytes = 0;
  let inFlight = 0;
  let stopped = false;
  let drained: (() => void) | null = null;

  const pump = () => {
    while (inFlight < limits.groupsInFlightMax && queue.length > 0) {
      const group = takeGroup(queue);
      for (const { arrivals, bytes } of group) {
        queuedTriggers -= arrivals.length;
        queuedBytes -= bytes;
      }
      inFlight += 1;
      void commit(shell, group).finally(() => {
        inFlight -= 1;
        if (inFlight === 0 && queue.length === 0) drained?.();
        pump();
      });
    }
  };

  return {
    async submit(triggers, whole) {
      const [first] = triggers;
      if (first === undefined || triggers.length > limits.triggersPerDeliveryMax) {
        throw new RangeError(`a delivery of ${triggers.length} triggers`);
      }
      const full = queuedTriggers >= limits.intakeQueueMax || queuedBytes >= limits.intakeQueueBytesMax;
      if (stopped || full) {
        return triggers.map(() => ({ kind: 'busy', retryAfterSeconds: limits.retryAfterSeconds }));
      }
      const workflow = workflowOf(shell, first.source);
      const delivery = whole === undefined ? null : deliveryOf(shell, whole);
      const arrivals = triggers.map((trigger) => ({ workflow, trigger, delivery }));
      const bytes = bytesOf(arrivals, delivery);
      const settled = await new Promise<readonly Settled[]>((resolve, reject) => {
        queue.push({ arrivals, bytes, resolve, reject });
        queuedTriggers += arrivals.length;
        queuedBytes += bytes;
        // Everything that arrives in this turn of the event loop shares a group.
        setImmediate(pump);
      });
      return settled.map(submitted);
    },
    async stop() {
      stopped = true;
      if (inFlight === 0 && queue.length === 0) return;
      await new Promise<void>((resolve) => {
        drained = resolve;
      });
    },
  };
}

function workflowOf(shell: Shell, source: string): CompiledWorkflow {
  for (const workflow of shell.project().workflows.values()) {
    if (workflow.trigger.source === source) return workflow;
  }
  throw new AppError('not_found', `No workflow reads the source ${source}`, {
    help: `Add a workflow with trigger.source: ${source}, or remove the source`,
  });
}

function deliveryOf(shell: Shell, whole: Trigger): Delivery {
  return { id: deliveryId(shell.clock.now(), randomBytes(10)), whole };
}

function bytesOf(arrivals: readonly Arrival[], delivery: Delivery | null): number {
  const parts = arrivals.reduce((sum, { trigger }) => sum + trigger.body.length, 0);
  return parts + (delivery?.whole.body.length ?? 0);
}

/** The deliveries at the head of the queue that fit into one group; at least one, however large. */
function takeGroup(queue: Waiting[]): Waiting[] {
  let triggers = 0;
  let bytes = 0;
  let size = 0;
  for (const waiting of queue) {
    triggers += waiting.arrivals.length;
    bytes += waiting.bytes;
    if (size > 0 && (triggers > limits.groupSizeMax || bytes > limits.groupBytesMax)) break;
    size += 1;
  }
  return queue.splice(0, size);
}

/** Commits a group; where that fails for a reason of one of its deliveries, each is tried by itself. */
async function commit(shell: Shell, group: readonly Waiting[]): Promise<void> {
  try {
    const settled = await processGroup(
      shell,
      group.flatMap(({ arrivals }) => arrivals),
    );
    let from = 0;
    for (const { arrivals, resolve } of group) {
      resolve(settled.slice(from, from + arrivals.length));
      from += arrivals.length;
    }
  } catch (error) {
    if (isUnavailable(error)) {
      shell.log.warn({ err: error, deliveries: group.length }, 'the database did not take a group');
      const unavailable = new AppError('unavailable', 'The database is not available: nothing was accepted', {
        help: 'Send it again in a moment',
        cause: error,
      });
      for (const waiting of group) waiting.reject(unavailable);
    } else if (group.length === 1) {
      group[0]?.reject(error);
    } else {
      shell.log.error(
        { err: error, deliveries: group.length },
        'a group failed: each delivery is tried by itself',
      );
      for (const waiting of group) await commit(shell, [waiting]);
    }
  }
}

/** Connection lost, shutting down, out of room, deadlock: the group is not at fault. No SQLSTATE: the connection itself. */
function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code === null) return /connect|connection|timeout/i.test(error.message);
  return /^(08|53|57|40|E[A-Z]+$)/.test(code);
}
