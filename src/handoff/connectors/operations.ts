import type { Contract } from '../../contract/contract.ts';
import type { ApiOperation } from '../../contract/openapi.ts';
import { compileContract } from '../../contract/schema.ts';
import type { ConnectorName } from '../../workflow/project.ts';

/**
 * The operations of connectors that have no document: what they take and what they answer. Pure.
 * `receipt` asks nothing: it reads back what the destination said when it took the handoff, as its arguments give it.
 */
export function connectorOperation(
  connector: Exclude<ConnectorName, 'http'>,
  name: string,
): ApiOperation | null {
  if (connector === 'postgresql') return tableOperation(name);
  const operations: Readonly<Record<string, () => ApiOperation>> = catalogue[connector];
  const make = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (make === undefined) return null;
  const operation = compiled.get(make) ?? make();
  compiled.set(make, operation);
  return operation;
}

/** What has been asked for: to compile all of them takes longer than the rest of a command. */
const compiled = new WeakMap<() => ApiOperation, ApiOperation>();

/** Their names, for people. */
export function operationsOf(connector: Exclude<ConnectorName, 'http'>): readonly string[] {
  if (connector === 'postgresql') return ['upsert TABLE (KEY, …)', 'select TABLE (KEY, …)'];
  return Object.keys(catalogue[connector]);
}

/** The method of an operation that asks nothing. */
export const receiptMethod = 'RECEIPT';

/** A table and its key, as an operation names them. */
export interface TableOperation {
  readonly verb: 'upsert' | 'select';
  /** One name, or schema and table; as they are, case and all. */
  readonly table: readonly string[];
  readonly key: readonly string[];
}

/** Reads `upsert crm.leads (lead_id)`. Null: it is no such thing. Pure. */
export function readTableOperation(name: string): TableOperation | null {
  const identifier = '[A-Za-z_][A-Za-z0-9_$]{0,62}';
  const pattern = new RegExp(
    `^(upsert|select) (${identifier}(?:\\.${identifier})?) \\((${identifier}(?:, ?${identifier})*)\\)$`,
  );
  const [, verb, table = '', key = ''] = pattern.exec(name) ?? [];
  if (verb !== 'upsert' && verb !== 'select') return null;
  return { verb, table: table.split('.'), key: key.split(/, ?/) };
}

function tableOperation(name: string): ApiOperation | null {
  const operation = readTableOperation(name);
  if (operation === null) return null;
  const { verb, key } = operation;
  const row = contract(name, { type: 'object', minProperties: 1, required: key });
  return verb === 'upsert'
    ? { method: 'UPSERT', path: '', parameters: [], requestContract: row, responseContract: row }
    : {
        method: 'SELECT',
        path: '',
        parameters: key.map((column) => ({ name: column, in: 'query', required: true })),
        requestContract: null,
        responseContract: row,
      };
}

function contract(name: string, schema: Readonly<Record<string, unknown>>): Contract {
  return compileContract({ document: schema, pointer: '', name });
}

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: text, minItems: 1, maxItems: 100 };
const addresses = { anyOf: [text, texts] };
const blocks = { type: 'array', items: { type: 'object' }, maxItems: 50 };

const receipt = (): ApiOperation => ({
  method: receiptMethod,
  path: '',
  parameters: [],
  requestContract: null,
  responseContract: null,
});

type Schema = Readonly<Record<string, unknown>>;

/** Of the bodies' schemas; null: anything goes. */
function posting(name: string, request: Schema | null, response: Schema | null): () => ApiOperation {
  return () => ({
    method: 'POST',
    path: '',
    parameters: [],
    requestContract: request && contract(name, request),
    responseContract: response && contract('the answer', response),
  });
}

const slackMessage = {
  type: 'object',
  anyOf: [{ required: ['text'] }, { required: ['blocks'] }],
  properties: { text, blocks },
};
const slackAnswer = {
  type: 'object',
  required: ['ok', 'channel', 'ts'],
  properties: { channel: text, ts: text },
};
const slackRead = (parameter: string) => (): ApiOperation => ({
  method: 'GET',
  path: `/conversations.history/${parameter}`,
  parameters: ['channel', parameter].map((name) => ({ name, in: 'query', required: true })),
  requestContract: null,
  responseContract: contract('the message', {
    type: 'object',
    required: ['ts'],
    properties: { ts: text, text },
  }),
});

const catalogue: Readonly<
  Record<Exclude<ConnectorName, 'http' | 'postgresql'>, Readonly<Record<string, () => ApiOperation>>>
> = {
  webhook: { send: posting('send', null, null), receipt },
  slack: {
    postMessage: posting(
      'postMessage',
      {
        ...slackMessage,
        required: ['channel'],
        properties: { ...slackMessage.properties, channel: text, thread_ts: text },
      },
      slackAnswer,
    ),
    getMessage: slackRead('ts'),
    findMessage: slackRead('key'),
    receipt,
  },
  'slack-webhook': { postMessage: posting('postMessage', slackMessage, null), receipt },
  email: {
    send: posting(
      'send',
      {
        type: 'object',
        required: ['to', 'subject'],
        anyOf: [{ required: ['text'] }, { required: ['html'] }],
        properties: {
          to: addresses,
          cc: addresses,
          bcc: addresses,
          reply_to: text,
          subject: text,
          text,
          html: text,
        },
        additionalProperties: false,
      },
      {
        type: 'object',
        required: ['message_id', 'accepted', 'rejected', 'answer'],
        properties: {
          message_id: text,
          accepted: { type: 'array' },
          rejected: { type: 'array' },
          answer: text,
        },
      },
    ),
    receipt,
  },
};
