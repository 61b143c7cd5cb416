import { decide } from '../../decide.ts';
import type { Facts, TicketDecision, Trigger } from '../../decision.ts';
import { conflictClaim } from '../../dedupe/identity.ts';
import { splitDelivery } from '../../intake/split.ts';
import type { RecordedTrigger } from '../../ticket/recorded/recorded.ts';
import type { CompiledWorkflow } from '../workflow.ts';
import { type Standing, standingAfter, standingThen } from './standing.ts';

/** What a recorded trigger comes to under other workflow files. */
export type Compared =
  /** Its payload is no longer there. */
  | { readonly kind: 'erased' }
  /** No workflow reads its source any more. */
  | { readonly kind: 'not_taken' }
  /** It came as one, and would be split into several. */
  | { readonly kind: 'split' }
  | { readonly kind: 'decided'; readonly before: Standing; readonly after: Standing };

/** The workflows of a project by the source that each reads. */
export type BySource = ReadonlyMap<string, CompiledWorkflow>;

export function workflowsBySource(workflows: Iterable<CompiledWorkflow>): BySource {
  return new Map([...workflows].map((workflow) => [workflow.trigger.source, workflow]));
}

/**
 * Decides a recorded trigger again, by the workflow that reads its source now, and sets it beside what was decided then.
 * Who holds an identity is as it was recorded: a trigger that conflicted with a ticket does so again. Pure.
 */
export function compared(workflows: BySource, recorded: RecordedTrigger): Compared {
  if (recorded.body === null) return { kind: 'erased' };
  const workflow = workflows.get(recorded.source);
  if (workflow === undefined) return { kind: 'not_taken' };
  const trigger = loneTrigger(workflow, triggerOf(recorded, recorded.body));
  if (trigger === null) return { kind: 'split' };
  return {
    kind: 'decided',
    before: standingThen(recorded),
    after: standingAfter(workflow, decidedAgain(workflow, trigger, recorded)),
  };
}

/** The trigger that a line of GET /api/triggers is of. `body`: its base64. */
export function triggerOf(recorded: RecordedTrigger, body: string): Trigger {
  const { source, content_type: contentType, headers, part } = recorded;
  return { source, contentType, headers, body: Buffer.from(body, 'base64'), ...(part !== null && { part }) };
}

/** The one trigger that a recorded one would come in as; null: there would be several, or none. Pure. */
export function loneTrigger(workflow: CompiledWorkflow, recorded: Trigger): Trigger | null {
  const split = splitDelivery(workflow.trigger, recorded);
  if (split.kind !== 'parts') return recorded;
  const [only, ...others] = split.parts;
  return only === undefined || others.length > 0 ? null : only;
}

/** What would have been decided when it came in. Pure. */
export function decidedAgain(
  workflow: CompiledWorkflow,
  trigger: Trigger,
  recorded: Pick<RecordedTrigger, 'received_at' | 'decided'>,
): TicketDecision {
  const facts = factsThen(workflow, trigger, recorded);
  return ofTicket(decide(workflow, trigger, facts, new Date(recorded.received_at)));
}

/**
 * The facts of the moment when it was decided: who held its identity, if it is still recognised by that. The holder's
 * content is not compared, for it conflicted then. Pure.
 */
export function factsThen(
  workflow: CompiledWorkflow,
  trigger: Trigger,
  { received_at, decided }: Pick<RecordedTrigger, 'received_at' | 'decided'>,
): Facts {
  if (decided.first_ticket === null) return noFacts;
  const { identity } = decide(workflow, trigger, noFacts, new Date(received_at));
  const isRecognised = [identity, conflictClaim(identity)].some((each) => each.identity === decided.identity);
  if (!isRecognised) return noFacts;
  const holder = { ticketId: decided.first_ticket, digest: null, version: null, fixed: null };
  return { ...noFacts, holder };
}

const noFacts: Facts = { holder: null, rerouteTo: null };

function ofTicket(decision: ReturnType<typeof decide>): TicketDecision {
  // A holder whose digest is not known is neither joined nor revised.
  if (decision.kind === 'joined' || decision.kind === 'revised') throw new Error(`it is ${decision.kind}`);
  return decision;
}
