import { channel } from 'node:diagnostics_channel';

/** What may have changed, said by whoever changes it, before or after its commit. Ids alone: what it is now stands in the rows. */
export type Noted =
  /** `headSeq`: the ticket's head once this change is committed; until then there is nothing to tell. */
  | { readonly ticketId: string; readonly headSeq: number }
  | { readonly workflow: string }
  | { readonly destination: string; readonly state: string };

const changes = channel('signalbox:change');

/** Costs next to nothing where nobody listens. */
export function changed(noted: Noted): void {
  if (changes.hasSubscribers) changes.publish(noted);
}

/** Hears of every change of this process; returns what ends it. */
export function onChanged(listener: (noted: Noted) => void): () => void {
  const hear = (message: unknown) => listener(message as Noted);
  changes.subscribe(hear);
  return () => changes.unsubscribe(hear);
}
