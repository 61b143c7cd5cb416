import type { Client, TicketStory } from './client.ts';
import { type NameOf, narrate } from './narration.ts';
import type { Terminal } from './terminal.ts';

/** Tells what the record has of tickets, each entry once. */
export interface Teller {
  /** A trigger is about to be sent; the first one of a story is its time zero. */
  begin(): void;
  /** Milliseconds since then; null before it. */
  ms(at?: Date): number | null;
  /** Reads a ticket, tells what is new in its record, and returns its story. */
  tell(ticketId: string): Promise<TicketStory>;
}

export function openTeller(parts: { client: Client; terminal: Terminal; nameOf: NameOf }): Teller {
  const told = new Map<string, number>();
  let began: number | null = null;
  const ms: Teller['ms'] = (at = new Date()) => (began === null ? null : Math.max(0, at.getTime() - began));

  return {
    begin() {
      began ??= Date.now();
    },
    ms,
    async tell(ticketId) {
      const story = await parts.client.ticket(ticketId);
      for (const entry of story.entries) {
        if (entry.seq <= (told.get(ticketId) ?? 0)) continue;
        told.set(ticketId, entry.seq);
        for (const { rung, text, tone } of narrate(entry, story, parts.nameOf)) {
          parts.terminal.rung(rung === '' ? null : ms(new Date(entry.at)), rung, text, tone);
        }
      }
      return story;
    },
  };
}
