import type { Static } from 'typebox';
import type { Exception } from '../api/exceptions.ts';
import type { Client } from './client.ts';
import type { CommonOptions } from './command.ts';
import { exceptionText } from './exception-text.ts';
import { paintFor, say, sayJson } from './output.ts';
import { meant, type Numbered, wholeId } from './short-id.ts';

export type ExceptionJson = Static<typeof Exception>;

export interface ExceptionPage {
  readonly exceptions: readonly ExceptionJson[];
  readonly next: string | null;
}

/** A page of exceptions; what a filter does not give does not narrow it. */
export async function listed(
  client: Client,
  filter: Readonly<Record<string, string | undefined>>,
): Promise<ExceptionPage> {
  const given = Object.entries(filter).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return await client.get<ExceptionPage>(`/api/exceptions?${new URLSearchParams(given)}`);
}

/** The address of the exception that an id means: a whole one, or the end of one among the unresolved. */
export async function pathOf(client: Client, id: string): Promise<string> {
  const { ticketId, seq } = wholeId(id) ?? meant(await unresolved(client), id, 'unresolved exception');
  return `/api/exceptions/${ticketId}/${seq}`;
}

async function unresolved(client: Client): Promise<Numbered[]> {
  const found: Numbered[] = [];
  for (let after: string | undefined; ; ) {
    const page = await listed(client, { limit: '500', after });
    found.push(...page.exceptions.map(numbered));
    if (page.next === null) return found;
    after = page.next;
  }
}

export function numbered({ ticket_id: ticketId, seq }: ExceptionJson): Numbered {
  return { ticketId, seq };
}

/** Prints one exception as the command was asked to. */
export function show(exception: ExceptionJson, options: CommonOptions): void {
  if (options.json) sayJson(exception);
  else say(exceptionText(exception, new Date(), paintFor(process.stdout)));
}
