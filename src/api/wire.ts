import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox';
import { limits } from '../limits.ts';

/** The wire form that all routes share: snake_case members, UTC times as ISO 8601 text, ids as text. */

export const Time = Type.String({ format: 'date-time', description: 'UTC, ISO 8601' });
export const TicketId = Type.String({ format: 'uuid', description: "a ticket's id" });
export const Seq = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
export const RefText = Type.String({
  pattern: '^(person|team):.',
  maxLength: 600,
  format: 'text',
  description: '`person:<key>` or `team:<key>`',
});
/** Text that a caller writes: of bounded length, and nothing in it that PostgreSQL or the chain cannot keep (format `text`). */
export function text(maxLength: number, minLength: 0 | 1 = 1) {
  return Type.String({ minLength, maxLength, format: 'text' });
}

/** A name or identity in a query. */
export const Name = text(600);

export const Json = Type.Unknown({ description: 'any JSON value' });
export const JsonObject = Type.Record(Type.String(), Type.Unknown());

export function nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** An object that takes no other members: a request with an unknown one is refused, with a suggestion. */
export function closed<T extends TProperties>(properties: T, options: { description?: string } = {}) {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

export const Format = Type.Optional(
  Type.Enum(['json', 'csv'], {
    description: 'csv: the rows of the page; `Signalbox-Next` is what `next` says',
  }),
);

/** The query members of every list. */
export const paging = {
  format: Format,
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: limits.pageRowsMax, default: 50, description: 'rows of one page' }),
  ),
  after: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, format: 'text', description: '`next` of the page before' }),
  ),
};

export const Next = nullable(
  Type.String({ description: 'pass it as `after` for the next page; null: this is the last' }),
);

/** What a row may hold where the wire has `T`: times as Date, and lists, objects and unknown as they are. */
type Stored<T> = string extends T ? T | Date : T;

/** A row as its schema shows it: the named members, nothing else; times as text. */
export function shown<T extends TObject>(
  schema: T,
  row: { readonly [K in keyof Static<T>]: Stored<Static<T>[K]> },
): Static<T> {
  const from = row as Readonly<Record<string, unknown>>;
  const members = Object.keys(schema.properties).map((name) => [name, plain(from[name])]);
  return Object.fromEntries(members) as Static<T>;
}

function plain(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}

/** RFC 9457. */
const ProblemDocument = Type.Object(
  {
    type: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'stable label: `not_found`' }),
    title: Type.String(),
    detail: Type.String({ description: 'what is wrong this time' }),
    help: Type.Optional(Type.String({ description: 'what to do instead' })),
    instance: Type.String({ description: 'the id of the request, as the log has it' }),
  },
  { description: 'RFC 9457 problem details' },
);

/** The problem responses of a route, by status. */
export function problems<S extends number>(...statuses: readonly S[]) {
  const response = {
    description: 'A problem',
    content: { 'application/problem+json': { schema: ProblemDocument } },
  };
  return Object.fromEntries(statuses.map((status) => [status, response])) as Record<S, typeof response>;
}
