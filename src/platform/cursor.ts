import { AppError } from '../errors.ts';

/** Where a page of a list ends: what `next` says, and `after` is given. Pure. */

/** A row that belongs to a ticket. */
export interface RowPlace {
  readonly ticketId: string;
  readonly seq: number;
}

/** The place in a list in the order of its rows. Throws AppError('bad_request'). */
export function placeFrom(text: string): RowPlace {
  return rowIn(text) ?? refuse(text);
}

/** The place in a list in the order of a time, and then of its rows. Throws AppError('bad_request'). */
export function timedPlaceFrom(text: string): RowPlace & { readonly at: Date } {
  const [, at = '', row = ''] = /^([\dTZ:.-]{24})~(.+)$/.exec(text) ?? [];
  const place = rowIn(row);
  return place === null || Number.isNaN(Date.parse(at)) ? refuse(text) : { at: new Date(at), ...place };
}

export function noPlace(text: string): AppError {
  return new AppError('bad_request', `"${text}" is no place in this list.`, {
    help: 'Pass the `next` of a page.',
  });
}

function refuse(text: string): never {
  throw noPlace(text);
}

function rowIn(text: string): RowPlace | null {
  const [, ticketId = '', seq] = /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})~(\d{1,9})$/.exec(text) ?? [];
  return seq === undefined ? null : { ticketId, seq: Number(seq) };
}
