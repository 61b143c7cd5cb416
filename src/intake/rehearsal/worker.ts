import { decide } from '../../decide.ts';
import type { Decision, Holder, Trigger } from '../../decision.ts';
import { remembered } from '../../dedupe/repeat.ts';
import { findHeld } from '../../dedupe/store.ts';
import { holderOf } from '../../dedupe/worker.ts';
import type { Shell } from '../../shell.ts';
import { noFacts } from '../../ticket/place.ts';
import { findTicket } from '../../ticket/store.ts';
import type { CompiledWorkflow } from '../../workflow/workflow.ts';
import { splitDelivery } from '../split.ts';
import { workflowOf } from '../worker.ts';
import { type Rehearsed, rehearsed } from './rehearsal.ts';

/** What a dry run answers: of the one trigger, or of each that the delivery would be split into. */
export type Rehearsal = { readonly dry_run: true } & (Rehearsed | { readonly triggers: Rehearsed[] });

/**
 * Decides a delivery with the facts as they stand, and stores nothing. No lock is taken: by the time that it is sent in
 * earnest another may have come first.
 */
export async function rehearse(shell: Shell, whole: Trigger): Promise<Rehearsal> {
  const workflow = workflowOf(shell, whole.source);
  const split = splitDelivery(workflow.trigger, whole);
  const triggers = split.kind === 'parts' ? split.parts : [whole];
  const holders = new Map<string, Holder>();
  const all: Rehearsed[] = [];
  for (const trigger of triggers) all.push(rehearsed(await decideOne(shell, workflow, trigger, holders)));
  const [only] = all;
  return split.kind === 'parts' || only === undefined
    ? { dry_run: true, triggers: all }
    : { dry_run: true, ...only };
}

/** `holders`: who would hold each identity by now; what comes first in a delivery is known to what follows. */
async function decideOne(
  shell: Shell,
  workflow: CompiledWorkflow,
  trigger: Trigger,
  holders: Map<string, Holder>,
): Promise<Decision> {
  const now = shell.clock.now();
  const first = decide(workflow, trigger, noFacts, now);
  if (first.kind === 'rejected') return first;
  const { identity, digest, version } = first.identity;
  const holder =
    holders.get(identity) ?? (await standingHolder(shell, workflow, trigger.source, identity, now));
  if (holder === null) {
    const ticketId = `of part ${trigger.part ?? 0} of this delivery`;
    holders.set(identity, { ticketId, digest, version, fixed: null });
    return first;
  }
  const decision = decide(workflow, trigger, { holder, rerouteTo: null }, now);
  holders.set(identity, remembered(holder, decision));
  return decision;
}

async function standingHolder(
  shell: Shell,
  workflow: CompiledWorkflow,
  source: string,
  identity: string,
  now: Date,
): Promise<Holder | null> {
  const held = await findHeld(shell.db, source, identity, now);
  const ticket = held && (await findTicket(shell.db, held.ticketId));
  return held && ticket && (await holderOf(shell.db, ticket, held, workflow));
}
