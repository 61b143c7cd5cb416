import type { AnswerOf } from './client.ts';

/** The nouns of the API by their names. */

export type QueuedException = AnswerOf<'listExceptions'>['exceptions'][number];
export type Exception = AnswerOf<'getException'>;
export type Ticket = AnswerOf<'listTickets'>['tickets'][number];
export type Story = AnswerOf<'getTicket'>;
export type Entry = Story['entries'][number];
export type Handoff = Story['handoffs'][number];
export type Explanation = AnswerOf<'explainTicket'>;
