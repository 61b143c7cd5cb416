import { createHash } from 'node:crypto';
import pg from 'pg';

/**
 * Marks a statement to be prepared, once a connection, under a name of its own: it is parsed and planned once and not
 * each time. For statements whose text is always the same; what is built of lists of values would never be met again.
 */
export function prepared(text: string): string {
  const known = marked.get(text);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(text).digest('hex').slice(0, 24);
  const statement = `/* prepared ${name} */ ${text}`;
  marked.set(text, statement);
  return statement;
}

const marked = new Map<string, string>();
const mark = /^\/\* prepared (\w{24}) \*\/ /;

/** A client that prepares what is marked: for a pool's `Client`, since Kysely knows no names of statements. */
export class PreparingClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: pg's many ways to call it, handed on as they are
  override query(...args: any[]): any {
    const [text, values] = args;
    const name = typeof text === 'string' && args.length === 2 ? mark.exec(text)?.[1] : undefined;
    const given = name === undefined ? args : [{ name, text, values }];
    return (super.query as (...args: unknown[]) => unknown)(...given);
  }
}
