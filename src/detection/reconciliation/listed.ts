import { decide } from '../../decide.ts';
import type { Decision, Trigger } from '../../decision.ts';
import { splitDelivery } from '../../intake/split.ts';
import { noFacts } from '../../ticket/place.ts';
import { type Expression, ExpressionError } from '../../workflow/expression.ts';
import type { CompiledWorkflow } from '../../workflow/workflow.ts';
import { momentOf } from './window.ts';

/** One trigger of a source's own list, as its workflow reads it. */
export interface Listed {
  readonly identity: string;
  /** SHA-256 (hex) of its content. */
  readonly digest: string;
  /** What the ticket would hold; null where it would not come that far. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  /** When it was made at the source; null: the list does not say. */
  readonly madeAt: Date | null;
  /** What is taken where we do not hold it: the element as a delivery, of which this is a part. */
  readonly whole: Trigger;
  /** Null: the element is this one trigger. */
  readonly part: number | null;
}

/** What a page of a list comes to. */
export interface Elements {
  readonly listed: readonly Listed[];
  /** What cannot be compared: the elements in which no identity is, and why of the first. */
  readonly unidentified: number;
  readonly why: string | null;
}

/** How elements are read: by the source's workflow, as triggers of its own. */
export interface Reading {
  readonly source: string;
  readonly workflow: CompiledWorkflow;
  /** Scope: element. Null: the list does not say. */
  readonly at: Expression | null;
  /** Before when all was made that does not say it itself; null: that is not known. */
  readonly otherwiseAt: Date | null;
}

/** Who hands in what is taken from a list. */
export const reconciler = 'reconciliation';

/** Reads the elements of a list as what they would have been, had they come. Pure. */
export function elementsOf(reading: Reading, elements: readonly unknown[], now: Date): Elements {
  const listed: Listed[] = [];
  let unidentified = 0;
  let why: string | null = null;
  for (const element of elements) {
    const read = elementOf(reading, element, now);
    if (typeof read === 'string') {
      unidentified += 1;
      why ??= read;
    } else listed.push(...read);
  }
  return { listed, unidentified, why };
}

function elementOf(reading: Reading, element: unknown, now: Date): Listed[] | string {
  const { source, workflow } = reading;
  const body = Buffer.from(JSON.stringify(element));
  const whole: Trigger = { source, contentType: 'application/json', headers: {}, body, by: reconciler };
  const split = splitDelivery(workflow.trigger, whole);
  if (split.kind === 'unsplit') return split.problem;
  const madeAt = madeAtOf(reading, element);
  const all: Listed[] = [];
  for (const trigger of split.kind === 'parts' ? split.parts : [whole]) {
    const decision = decide(workflow, trigger, noFacts, now);
    const { identity, digest } = decision.identity;
    // Where the identity's expression finds nothing, the digest of the content stands for it.
    if (identity === `sha256:${digest}`) return identityFailure(workflow, element);
    all.push({ identity, digest, fields: fieldsOf(decision), madeAt, whole, part: trigger.part ?? null });
  }
  return all;
}

/** A ticket that stops at a check or in triage has its fields; one that stops at its contract has none. */
function fieldsOf(decision: Decision): Listed['fields'] {
  if (decision.kind === 'routed') return decision.fields;
  return decision.kind !== 'stopped' || withoutFields.has(decision.exception.mode) ? null : decision.fields;
}

const withoutFields: ReadonlySet<string> = new Set(['unparseable', 'contract_violation', 'transform_failed']);

function identityFailure({ trigger: { identity } }: CompiledWorkflow, element: unknown): string {
  try {
    identity?.evaluate({ payload: element, headers: {} });
    return `${identity?.source} is empty in it`;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return error.message;
  }
}

function madeAtOf({ at, otherwiseAt }: Reading, element: unknown): Date | null {
  if (at === null) return otherwiseAt;
  try {
    return momentOf(at.evaluate({ element })) ?? otherwiseAt;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return otherwiseAt;
  }
}

/** Whether a content would come as far as a ticket's fields: what breaks its contract takes no other's place. Pure. */
export function isUsable(workflow: CompiledWorkflow, trigger: Trigger, now: Date): boolean {
  return fieldsOf(decide(workflow, trigger, noFacts, now)) !== null;
}

/** The trigger to take of an element; null where its workflow splits it otherwise by now. Pure. */
export function triggerOf(
  workflow: CompiledWorkflow,
  { whole, part }: Pick<Listed, 'whole' | 'part'>,
): Trigger | null {
  const split = splitDelivery(workflow.trigger, whole);
  if (split.kind === 'parts') return split.parts[part ?? -1] ?? null;
  return part === null && split.kind === 'lone' ? whole : null;
}
