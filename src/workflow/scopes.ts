import { type ExpressionEnvironment, expressionEnvironment } from './expression.ts';

/** What the expressions of each section see: names with the JSON Schemas of their values (`true`: anything). */
type Variables = Readonly<Record<string, unknown>>;

export interface Scopes {
  /** Checks and routes. */
  readonly ticket: ExpressionEnvironment;
  /** A handoff: its condition, parameters, body, approval. */
  readonly handoff: ExpressionEnvironment;
  /** The same where its target calls back: it sees the address and the key to hand over. */
  readonly handoffCalledBack: ExpressionEnvironment;
  /** Reading an outcome back: parameters of the read. */
  read(request: unknown, response: unknown): ExpressionEnvironment;
  /** Looking for what an attempt without an answer may have done; `result`: what was read. */
  find(request: unknown, result?: unknown): ExpressionEnvironment;
  /** Taking a handoff back: its parameters and body. */
  undo(request: unknown, response: unknown): ExpressionEnvironment;
  /** Judging an outcome. */
  judge(request: unknown, response: unknown, result: unknown): ExpressionEnvironment;
  /** Telling by a callback which handoff it is about. */
  readonly callback: ExpressionEnvironment;
}

const headers = { type: 'object', additionalProperties: { type: 'string' } };

/** The scopes before and after the ticket's fields are known. `fields`: the type of each field as CEL names it. */
export function triggerScope(payload: unknown): ExpressionEnvironment {
  return expressionEnvironment({ payload, headers });
}

export function scopesOf(payload: unknown, fields: ReadonlyMap<string, string>): Scopes {
  const ticket = {
    type: 'object',
    properties: Object.fromEntries([...fields].map(([name, type]) => [name, schemaOfType(type)])),
    required: [...fields.keys()],
    additionalProperties: false,
  };
  const inputs: Variables = { payload, headers, ticket };
  const proofs: Variables = { payload, ticket };
  return {
    ticket: expressionEnvironment(inputs),
    handoff: expressionEnvironment({ ...inputs, route: { type: 'string' } }),
    handoffCalledBack: expressionEnvironment({ ...inputs, route: { type: 'string' }, outcome: ownCallback }),
    read: (request, response) => expressionEnvironment({ ...proofs, request, response }),
    find: (request, result) =>
      expressionEnvironment({
        ticket,
        request,
        key: { type: 'string' },
        ...(result !== undefined && { result }),
      }),
    undo: (request, response) =>
      expressionEnvironment({ ticket, request, response, key: { type: 'string' } }),
    judge: (request, response, result) => expressionEnvironment({ ...proofs, request, response, result }),
    callback: expressionEnvironment({ result: true, headers }),
  };
}

const ownCallback = {
  type: 'object',
  properties: { url: { type: 'string' }, key: { type: 'string' } },
  required: ['url', 'key'],
  additionalProperties: false,
};

/** A field comes out of its expression as JSON, and goes into the next ones as such: an int is a number there. */
function schemaOfType(type: string): unknown {
  const [, element] = /^list\((.+)\)$/.exec(type) ?? [];
  if (element !== undefined) return { type: 'array', items: schemaOfType(element) };
  switch (type) {
    case 'string':
      return { type: 'string' };
    case 'bool':
      return { type: 'boolean' };
    case 'int':
    case 'uint':
    case 'double':
    case 'number':
      return { type: 'number' };
    default:
      return true;
  }
}
