import type { EntryDraft } from '../audit/chain.ts';
import type { Ref } from '../workflow/workflow.ts';
import type { ExceptionChanges, ExceptionState } from './exception.ts';

/** What an act or the passing of time does to an exception. */
export interface Transition {
  readonly kind: 'transition';
  readonly changes: ExceptionChanges;
  /** At least one. */
  readonly entries: readonly EntryDraft[];
  /** What is to be done to the ticket then, in the same transaction. */
  readonly effect: Effect | null;
}

/** What a resolution does to the ticket. */
export type Effect =
  | { readonly effect: 'replay'; readonly payload?: unknown }
  | { readonly effect: 'reroute'; readonly to: Ref }
  | { readonly effect: 'retry'; readonly handoffSeq: number }
  /** Null: the exception stood before any handoff. */
  | { readonly effect: 'confirm'; readonly handoffSeq: number | null; readonly evidence: string }
  | { readonly effect: 'discard'; readonly reason: string };

export function transition(
  changes: ExceptionChanges,
  entries: readonly EntryDraft[],
  effect: Effect | null = null,
): Transition {
  return { kind: 'transition', changes, entries, effect };
}

/** An entry of a ticket's chain that tells of one of its exceptions. */
export function entry(
  exception: Pick<ExceptionState, 'seq'>,
  kind: string,
  actor: string,
  data: Readonly<Record<string, unknown>>,
): EntryDraft {
  return { kind, actor, data: { exception: exception.seq, ...data } };
}
