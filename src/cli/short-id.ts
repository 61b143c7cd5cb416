import { AppError } from '../errors.ts';

/** Something of a ticket with a number: an exception, a handoff that waits for approval. */
export interface Numbered {
  readonly ticketId: string;
  readonly seq: number;
}

/** A whole id, `<ticket>/<seq>`; null where it is only the end of one. Pure. */
export function wholeId(id: string): Numbered | null {
  const [, ticketId, seq] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(\d{1,9})$/i.exec(id) ?? [];
  return ticketId === undefined ? null : { ticketId: ticketId.toLowerCase(), seq: Number(seq) };
}

/**
 * The one of `candidates` that an id means: the end of a ticket's id, with `/<seq>` where the ticket has several. Pure.
 * Throws AppError: `not_found` where none is meant, `bad_request` where several are.
 */
export function meant(candidates: readonly Numbered[], id: string, noun: string): Numbered {
  const [, end = '', seq] = /^([0-9a-f-]+)(?:\/(\d+))?$/i.exec(id) ?? [];
  const found = candidates.filter(
    (each) =>
      end !== '' &&
      each.ticketId.endsWith(end.toLowerCase()) &&
      (seq === undefined || each.seq === Number(seq)),
  );
  const [only, ...others] = found;
  if (only === undefined) {
    throw new AppError('not_found', `No ${noun} is called "${id}".`, {
      help: 'The list shows what they are called; what is settled needs its whole id, <ticket>/<number>.',
    });
  }
  if (others.length === 0) return only;
  const names = found.map((each) => `${each.ticketId}/${each.seq}`).join(', ');
  throw new AppError('bad_request', `"${id}" could be ${names}.`, {
    help: 'Give more of its end, or /<number>.',
  });
}

/** The shortest ends of tickets' ids, six characters or more, that tell all of these apart. Pure. */
export function shortIds(all: readonly Numbered[]): (one: Numbered) => string {
  const tickets = new Set(all.map(({ ticketId }) => ticketId));
  let length = 6;
  while (length < 36 && new Set([...tickets].map((id) => id.slice(-length))).size < tickets.size) length += 1;
  return ({ ticketId, seq }) => `${ticketId.slice(-length)}/${seq}`;
}
