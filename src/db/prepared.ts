import { createHash } from 'node:crypto';
import pg from 'pg';
import { BinaryParameter } from './array.ts';
import { MessageWriter } from './message.ts';

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

/**
 * A client that prepares what is marked, and sends the parameters of that in binary form where they are arrays: for a
 * pool's `Client`, since Kysely knows no names of statements.
 */
export class PreparingClient extends pg.Client {
  readonly #writer = new MessageWriter();
  #rowTypes: ReadonlyMap<string, number> | null = null;

  // biome-ignore lint/suspicious/noExplicitAny: pg's many ways to call it, handed on as they are
  override query(...args: any[]): any {
    const [text, values] = args;
    const name = typeof text === 'string' && args.length === 2 ? mark.exec(text)?.[1] : undefined;
    if (name === undefined) return (super.query as (...args: unknown[]) => unknown)(...args);
    return this.#prepared({ name, text, values });
  }

  async #prepared(statement: Statement): Promise<unknown> {
    this.#rowTypes ??= await this.#readRowTypes();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const answered = (error: Error | undefined, result: unknown) => (error ? reject(error) : resolve(result));
    super.query(new PreparedQuery(statement, this.#writer, this.#rowTypes, answered));
    return await promise;
  }

  async #readRowTypes(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await super.query<{ name: string; oid: number }>(
      `select relname as name, reltype::int4 as oid from pg_class
       where relkind = 'c' and relnamespace = 'public'::regnamespace`,
    );
    return new Map(rows.map(({ name, oid }) => [name, oid]));
  }
}

interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What of pg's connection a query is sent through. */
interface Wire {
  readonly parsedStatements: Readonly<Record<string, string>>;
  readonly stream: { cork(): void; uncork(): void; write(bytes: Uint8Array): boolean };
  parse(statement: { name: string; text: string; types: readonly number[] }): void;
}

/**
 * A prepared statement whose values, and all that follows them, are one message in a buffer that its connection keeps:
 * pg's own way copies each array several times. The buffer is free again when the answer is there, for then all of it was read.
 */
class PreparedQuery extends pg.Query {
  readonly #statement: Statement;
  readonly #writer: MessageWriter;
  readonly #rowTypes: ReadonlyMap<string, number>;

  constructor(
    statement: Statement,
    writer: MessageWriter,
    rowTypes: ReadonlyMap<string, number>,
    callback: (error: Error | undefined, result: unknown) => void,
  ) {
    super({ name: statement.name, text: statement.text, values: [] }, callback);
    this.#statement = statement;
    this.#writer = writer;
    this.#rowTypes = rowTypes;
  }

  /** Sends it; an error is returned, and nothing was sent. */
  override submit = (connection: unknown): Error | null => {
    const { name, text, values } = this.#statement;
    const { parsedStatements, stream, parse } = connection as Wire;
    try {
      this.#write(name, values);
    } catch (error) {
      return error as Error;
    }
    stream.cork();
    if (parsedStatements[name] === undefined) parse.call(connection, { name, text, types: [] });
    stream.write(this.#writer.buffer.subarray(0, this.#writer.at));
    stream.uncork();
    return null;
  };

  /** Bind, Describe, Execute and Sync: https://www.postgresql.org/docs/current/protocol-message-formats.html */
  #write(name: string, values: readonly unknown[]): void {
    const to = this.#writer;
    to.clear();
    to.text('B');
    const length = to.lengthHere();
    to.name('');
    to.name(name);
    to.int16(values.length);
    for (const value of values) to.int16(value instanceof BinaryParameter ? 1 : 0);
    to.int16(values.length);
    for (const value of values) this.#writeValue(value);
    to.int16(0);
    to.setLength(length, 4);
    to.text('D\0\0\0\x06P\0E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04');
  }

  /** Times and texts go as text, which is what the few that are no arrays are. */
  #writeValue(value: unknown): void {
    const to = this.#writer;
    if (value === null || value === undefined) {
      to.int32(-1);
      return;
    }
    const length = to.lengthHere();
    if (value instanceof BinaryParameter) value.write(to, this.#rowTypes);
    else to.text(value instanceof Date ? value.toISOString() : String(value));
    to.setLength(length, 0);
  }
}
