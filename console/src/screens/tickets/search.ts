/** Which tickets are listed, as the address has it. */
export interface TicketSearch {
  /** What is looked for. */
  readonly q?: string;
  readonly state?: (typeof ticketStates)[number];
  readonly workflow?: string;
  readonly source?: string;
}

export const ticketStates = ['handoff', 'triage', 'exception', 'done', 'discarded', 'rejected'] as const;

export function searchOf(search: Readonly<Record<string, unknown>>): TicketSearch {
  const text = (name: string) => {
    const value = search[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const state = ticketStates.find((each) => each === search.state);
  const all = { q: text('q'), state, workflow: text('workflow'), source: text('source') };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
