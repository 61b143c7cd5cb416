import type { Trigger } from '../decision.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { type Arrival, processGroup, type Settled } from '../process.ts';
import type { Shell } from '../shell.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';
import { type Submitted, submitted } from './submitted.ts';

export interface Intake {
  /** Resolves after the commit that holds the trigger; `busy` where the queue is full and nothing was taken. */
  submit(trigger: Trigger): Promise<Submitted>;
  /** Takes no more, and resolves when all that was taken has been answered. */
  stop(): Promise<void>;
}

interface Waiting extends Arrival {
  readonly resolve: (settled: Settled) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers concurrent triggers into group commits.
 * No timer: a group starts as soon as one of limits.groupsInFlightMax places is free, with all that waits by then
 * (at most limits.groupSizeMax triggers and limits.groupBytesMax bytes), so a lone trigger never waits for company.
 */
export function createIntake(shell: Shell): Intake {
  const queue: Waiting[] = [];
  let queuedBytes = 0;
  let inFlight = 0;
  let stopped = false;
  let drained: (() => void) | null = null;

  const pump = () => {
    while (inFlight < limits.groupsInFlightMax && queue.length > 0) {
      const group = takeGroup(queue);
      queuedBytes -= bytesOf(group);
      inFlight += 1;
      void commit(shell, group).finally(() => {
        inFlight -= 1;
        if (inFlight === 0 && queue.length === 0) drained?.();
        pump();
      });
    }
  };

  return {
    async submit(trigger) {
      const full = queue.length >= limits.intakeQueueMax || queuedBytes >= limits.intakeQueueBytesMax;
      if (stopped || full) return { kind: 'busy', retryAfterSeconds: limits.retryAfterSeconds };
      const workflow = workflowOf(shell, trigger.source);
      const settled = await new Promise<Settled>((resolve, reject) => {
        queue.push({ workflow, trigger, resolve, reject });
        queuedBytes += trigger.body.length;
        // Everything that arrives in this turn of the event loop shares a group.
        setImmediate(pump);
      });
      return submitted(settled);
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

function takeGroup(queue: Waiting[]): Waiting[] {
  let bytes = 0;
  let size = 0;
  for (const { trigger } of queue) {
    bytes += trigger.body.length;
    if (size > 0 && (size === limits.groupSizeMax || bytes > limits.groupBytesMax)) break;
    size += 1;
  }
  return queue.splice(0, size);
}

function bytesOf(group: readonly Waiting[]): number {
  return group.reduce((sum, { trigger }) => sum + trigger.body.length, 0);
}

/** Commits a group; where that fails for a reason of one of its triggers, each is tried by itself. */
async function commit(shell: Shell, group: readonly Waiting[]): Promise<void> {
  try {
    const settled = await processGroup(shell, group);
    group.forEach((waiting, index) => {
      waiting.resolve(settled[index] as Settled);
    });
  } catch (error) {
    if (isUnavailable(error)) {
      shell.log.warn({ err: error, triggers: group.length }, 'the database did not take a group');
      const unavailable = new AppError('unavailable', 'The database is not available: nothing was accepted', {
        help: 'Send it again in a moment',
        cause: error,
      });
      for (const waiting of group) waiting.reject(unavailable);
    } else if (group.length === 1) {
      group[0]?.reject(error);
    } else {
      shell.log.error(
        { err: error, triggers: group.length },
        'a group failed: each trigger is tried by itself',
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
