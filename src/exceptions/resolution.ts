import { limits } from '../limits.ts';
import type { Ref } from '../workflow/workflow.ts';
import { type ExceptionState, type FailureMode, type Resolution, triageModes } from './exception.ts';
import { optionalTextProblem, type Refusal, refuse, textProblem } from './refusal.ts';
import { type Effect, entry, type Transition, transition } from './transition.ts';

/** How a person settles an exception: with its root cause, a note (may be empty), and what the resolution itself needs. */
export type Resolve = {
  readonly act: 'resolve';
  readonly rootCause: string;
  readonly note: string;
} & ResolveHow;

type ResolveHow =
  /** Decide the ticket again; with `payload` (edited JSON), on that instead of what came in. */
  | { readonly resolution: 'replay'; readonly payload?: unknown }
  /** Routing was not sure: the person is. */
  | { readonly resolution: 'reroute'; readonly to: Ref }
  /** Promise the failed handoff anew. */
  | { readonly resolution: 'retry' }
  /** It was done by hand; the evidence says how one can see that. */
  | { readonly resolution: 'confirm'; readonly evidence: string }
  /** Nothing is to be done. */
  | { readonly resolution: 'discard'; readonly reason: string };

/** Decides whether a claimed exception may be settled this way. Pure. */
export function resolve(
  exception: ExceptionState,
  input: Resolve & { readonly by: string },
  now: Date,
): Transition | Refusal {
  const refusal =
    claimMissing(exception) ??
    rootCauseProblem(exception, input.rootCause) ??
    optionalTextProblem('The note', input.note, limits.noteCharsMax) ??
    checklistOpen(exception);
  if (refusal !== null) return refusal;
  const effect = effectOf(exception, input);
  if ('kind' in effect) return effect;
  const data = {
    resolution: input.resolution,
    root_cause: input.rootCause,
    ...(input.note !== '' && { note: input.note }),
    ...particulars(effect),
  };
  const changes = settledBy(input.by, input.resolution, input.rootCause, input.note, now);
  return transition(changes, [entry(exception, 'exception_resolved', input.by, data)], effect);
}

/**
 * Settles an exception because another resolution of the same ticket has made it moot. Pure.
 * No claim and no checklist are asked for; the root cause is the other's.
 */
export function supersede(
  exception: ExceptionState,
  because: { readonly by: string; readonly rootCause: string; readonly note: string },
  now: Date,
): Transition {
  const { by, rootCause, note } = because;
  const data = { resolution: 'superseded', root_cause: rootCause, note };
  const changes = settledBy(by, 'superseded', rootCause, note, now);
  return transition(changes, [entry(exception, 'exception_resolved', by, data)]);
}

/** Settles an exception that tells of something which is no longer so. Pure. Whoever has claimed it is done with it too. */
export function passOver(exception: ExceptionState, because: string, now: Date): Transition {
  const data = { resolution: 'over', root_cause: 'over', note: because };
  const changes = settledBy('signalbox', 'over', 'over', because, now);
  return transition(changes, [entry(exception, 'exception_resolved', 'signalbox', data)]);
}

function settledBy(by: string, resolution: Resolution, rootCause: string, note: string, now: Date) {
  const resolutionNote = note === '' ? null : note;
  const settled = {
    state: 'resolved',
    lapsesAt: null,
    dueAt: null,
    resolvedAt: now,
    resolvedBy: by,
  } as const;
  return { ...settled, resolution, rootCause, resolutionNote };
}

function claimMissing(exception: ExceptionState): Refusal | null {
  if (exception.claimedBy !== null) return null;
  return refuse(
    'not_claimed',
    `Exception ${exception.seq} is nobody's yet.`,
    'Claim it first, then resolve it.',
  );
}

function rootCauseProblem({ policy }: ExceptionState, rootCause: string): Refusal | null {
  if (policy.rootCauses.length === 0) {
    return textProblem('The root cause', rootCause, limits.rootCauseCharsMax);
  }
  if (policy.rootCauses.includes(rootCause)) return null;
  const named =
    rootCause === '' ? 'A resolution needs its root cause.' : `"${rootCause}" is no root cause here.`;
  return refuse('root_cause_unknown', named, `Name one of: ${policy.rootCauses.join(', ')}.`);
}

function checklistOpen({ checklist }: ExceptionState): Refusal | null {
  const open = checklist.filter((point) => point.state === 'open');
  const [first] = open;
  if (first === undefined) return null;
  return refuse(
    'checklist_open',
    `${open.length} of ${checklist.length} points of the checklist are open: "${first.text}".`,
    'Tick what was done, and waive the rest with a reason.',
  );
}

/** A person said no, or nothing, in time: nothing was sent that could be sent again. */
const neverSent: ReadonlySet<FailureMode> = new Set(['refused', 'approval_overdue']);

function effectOf(exception: ExceptionState, input: Resolve): Effect | Refusal {
  const { mode, handoffSeq } = exception;
  switch (input.resolution) {
    case 'replay':
      return { effect: 'replay', ...(input.payload !== undefined && { payload: input.payload }) };
    case 'reroute':
      if (triageModes.has(mode) || mode === 'routing_thrash') return { effect: 'reroute', to: input.to };
      return unfit(
        `Routing did not stop this: ${mode} did.`,
        'Repair the cause and replay; routing then follows.',
      );
    case 'retry':
      if (handoffSeq === null) return unfit(`No handoff failed here: ${mode} did.`, 'Replay instead.');
      if (neverSent.has(mode)) {
        return unfit(
          'Nothing was sent: the approval is missing.',
          'Replay, which asks for it again, or discard.',
        );
      }
      return { effect: 'retry', handoffSeq };
    case 'confirm': {
      const problem = textProblem('The evidence', input.evidence, limits.noteCharsMax);
      return problem ?? { effect: 'confirm', handoffSeq, evidence: input.evidence };
    }
    case 'discard': {
      const problem = textProblem('The reason for discarding', input.reason, limits.noteCharsMax);
      return problem ?? { effect: 'discard', reason: input.reason };
    }
  }
}

function unfit(what: string, help: string): Refusal {
  return refuse('resolution_unfit', what, help);
}

/** What of an effect stands in the chain: not the payload, which may have to be erased. */
function particulars(effect: Effect): Readonly<Record<string, unknown>> {
  switch (effect.effect) {
    case 'replay':
      return { edited: 'payload' in effect };
    case 'reroute':
      return { to: effect.to };
    case 'retry':
      return { handoff: effect.handoffSeq };
    case 'confirm':
      return { evidence: effect.evidence, ...(effect.handoffSeq !== null && { handoff: effect.handoffSeq }) };
    case 'discard':
      return { reason: effect.reason };
  }
}
