import { sql } from 'kysely';
import { like } from '../../db/like.ts';
import type { Db, TicketState } from '../../db/schema.ts';
import { firstTicketId } from '../../platform/ids.ts';
import type { TicketRow } from '../store.ts';

/** Which tickets a list shows; what is not given does not narrow it. `after`: the id where the page before ended. */
export interface TicketFilter {
  readonly identity?: string;
  readonly state?: TicketState;
  readonly workflow?: string;
  readonly source?: string;
  /** Received then or later, and before then. Ids begin with the time, so this is a range of the primary key. */
  readonly since?: Date;
  readonly until?: Date;
  /** Somewhere in the identity or the fields; case does not count. */
  readonly text?: string;
  /** A field of this value, as text. */
  readonly field?: { readonly name: string; readonly value: string };
  readonly after?: string;
}

/** Tickets, newest first, at most `limit`. An identity and an open state have an index; all else reads what the time leaves. */
export async function searchTickets(db: Db, filter: TicketFilter, limit: number): Promise<TicketRow[]> {
  const { after, since, until, text, field, ...equals } = filter;
  let query = db.selectFrom('ticket').selectAll();
  for (const [column, value] of Object.entries(equals)) {
    if (value !== undefined) query = query.where(column as keyof typeof equals, '=', value);
  }
  if (since !== undefined) query = query.where('id', '>=', firstTicketId(since));
  if (until !== undefined) query = query.where('id', '<', firstTicketId(until));
  if (text !== undefined) {
    query = query.where(sql<boolean>`(identity ilike ${like(text)} or fields::text ilike ${like(text)})`);
  }
  if (field !== undefined) query = query.where(sql<boolean>`fields ->> ${field.name} = ${field.value}`);
  if (after !== undefined) query = query.where('id', '<', after);
  return await query.orderBy('id', 'desc').limit(limit).execute();
}
