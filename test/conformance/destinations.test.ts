import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import express from 'express';
import { middleware } from 'express-openapi-validator';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { ContractError } from '../../src/contract/contract-error.ts';
import { type ApiOperation, openapiOperation } from '../../src/contract/openapi.ts';
import { sendRequest } from '../../src/handoff/connectors/send.ts';
import { evaluateRequest } from '../../src/handoff/evaluate.ts';
import { valuesOf } from '../../src/workflow/cases/arbitrary.ts';
import { documentsOf } from '../../src/workflow/documents.ts';
import type { Expression } from '../../src/workflow/expression.ts';
import type { CompiledRequest } from '../../src/workflow/workflow.ts';
import { destination } from '../support/handoff.ts';

/**
 * Requests made for vendors' own documents, sent over HTTP to a server that checks them by the same document with
 * another library (express-openapi-validator): bodies written by hand as people would, and generated ones.
 */

const corpora = new URL('../../../shared/corpora/openapi/', import.meta.url);
const present = existsSync(corpora);
const file = (api: string) => readdirSync(corpora).find((name) => name.startsWith(`${api}.openapi.`)) ?? '';

function documentOf(api: string): Record<string, unknown> {
  const name = file(api);
  const path = name.replace(/\.gz$/, '');
  const text = gunzipSync(readFileSync(new URL(name, corpora))).toString('utf8');
  const document = documentsOf(new Map([[path, text]])).read(path);
  if ('problem' in document) throw new Error(document.problem);
  return requestsOf(document.value as Record<string, unknown>);
}

type Members = Record<string, unknown>;

/** A document without what it says of answers, and so without most of its schemas: only requests are judged here. */
function requestsOf(document: Members): Members {
  const paths = Object.entries(document.paths as Record<string, Members>).map(([path, item]) => [
    path,
    Object.fromEntries(
      Object.entries(item).map(([key, part]) => [
        key,
        typeof part === 'object' && part !== null && 'responses' in part
          ? { ...part, responses: { 200: { description: 'taken' } } }
          : part,
      ]),
    ),
  ]);
  const bare = { ...document, paths: Object.fromEntries(paths) as Members };
  const kept: Record<string, Members> = {};
  const walk = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [key, value] of Object.entries(part)) {
      const [, kind, name] =
        key === '$ref' ? (/^#\/components\/([^/]+)\/([^/]+)/.exec(String(value)) ?? []) : [];
      if (kind === undefined || name === undefined) walk(value);
      else if (kept[kind]?.[name] === undefined) {
        const found = (document.components as Record<string, Members>)[kind]?.[name];
        kept[kind] = { ...kept[kind], [name]: found };
        walk(found);
      }
    }
  };
  walk(bare.paths);
  return { ...bare, components: kept };
}

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** Answers 200 with what the validator let through, 400 with what it has against a request. */
async function judge(document: Record<string, unknown>, coerceTypes: boolean): Promise<string> {
  const app = express();
  app.use(express.json({ strict: false, type: ['application/json', 'application/*+json'] }));
  app.use(express.urlencoded({ extended: true }));
  app.use(express.text({ type: 'text/*' }));
  app.use(
    middleware({
      apiSpec: { ...(forJudge(document) as object), servers: [{ url: '/' }] } as never,
      // In a form all is text.
      validateRequests: { allErrors: true, coerceTypes },
      validateResponses: false,
      validateSecurity: false,
      validateApiSpec: false,
      validateFormats: false,
    }),
  );
  app.use((_: express.Request, response: express.Response) => {
    response.json({ accepted: true });
  });
  app.use(
    (
      error: { status?: number; message: string; errors?: unknown },
      _: express.Request,
      response: express.Response,
      __: express.NextFunction,
    ) => {
      response.status(error.status ?? 500).json({ message: error.message, errors: error.errors });
    },
  );
  const server = createServer(app);
  servers.push(server);
  // Reading a document keeps this process busy for seconds.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Its library refuses `nullable` where no type stands beside it, which vendors write. */
function forJudge(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(forJudge);
  if (typeof part !== 'object' || part === null) return part;
  const untyped = 'nullable' in part && typeof part.nullable === 'boolean' && !('type' in part);
  const members = Object.entries(part).filter(([key]) => !(untyped && key === 'nullable'));
  return Object.fromEntries(members.map(([key, value]) => [key, forJudge(value)]));
}

/** What only answers have is not made up. */
function withoutReadOnly(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(withoutReadOnly);
  if (typeof part !== 'object' || part === null) return part;
  const isReadOnly = (value: unknown) => (value as { readOnly?: unknown } | null)?.readOnly === true;
  const members = Object.entries(part).map(([key, value]) => {
    if (key !== 'properties' || typeof value !== 'object' || value === null)
      return [key, withoutReadOnly(value)];
    const kept = Object.entries(value).filter(([, each]) => !isReadOnly(each));
    return [key, withoutReadOnly(Object.fromEntries(kept))];
  });
  return Object.fromEntries(members);
}

const fixed = (value: unknown): Expression => ({ source: '', evaluate: () => value });

function compiled(
  name: string,
  operation: ApiOperation,
  values: Record<string, unknown>,
  body: unknown,
): CompiledRequest {
  const { parameters, ...parts } = operation;
  return {
    operation: name,
    ...parts,
    parameters: parameters
      .filter((parameter) => Object.hasOwn(values, parameter.name))
      .map(({ required, ...parameter }) => ({
        ...parameter,
        ...(required && { required }),
        value: fixed(values[parameter.name]),
      })),
    body: body === undefined ? null : { kind: 'expression', value: fixed(body) },
  };
}

async function ask(
  url: string,
  name: string,
  operation: ApiOperation,
  values: Record<string, unknown>,
  body: unknown,
) {
  const { request, violations } = evaluateRequest(compiled(name, operation, values, body), {});
  if (violations.length > 0) return { violations, outcome: null };
  const outcome = await sendRequest({
    destination: destination(url),
    request,
    idempotencyKey: 'sb_1',
    secret: null,
    timeoutMs: 20_000,
  });
  return { violations, outcome };
}

const written: readonly [api: string, operation: string, values: Record<string, unknown>, body: unknown][] = [
  [
    'jira-cloud',
    'createIssue',
    { updateHistory: true },
    {
      fields: { project: { key: 'LEAD' }, summary: 'Lead 1', issuetype: { name: 'Task' }, labels: ['paid'] },
    },
  ],
  [
    'jira-cloud',
    'getIssue',
    { issueIdOrKey: 'LEAD-1', fields: ['summary', 'labels'], expand: 'names' },
    undefined,
  ],
  [
    'jira-cloud',
    'editIssue',
    { issueIdOrKey: 'LEAD-1', notifyUsers: false },
    { fields: { summary: 'Ä & ü' } },
  ],
  [
    'jira-cloud',
    'addComment',
    { issueIdOrKey: 'LEAD 1/2' },
    { body: { type: 'doc', version: 1, content: [] } },
  ],
  [
    'hubspot-crm-deal',
    'POST /crm/v3/objects/deals',
    {},
    { properties: { dealname: 'Lead 1', amount: '5000', pipeline: 'default' } },
  ],
  [
    'hubspot-crm-deal',
    'GET /crm/v3/objects/deals/{dealId}',
    { dealId: '7', properties: ['dealname', 'amount'] },
    undefined,
  ],
  [
    'hubspot-crm-contact',
    'POST /crm/v3/objects/contacts',
    {},
    { properties: { email: 'ada@example.com', firstname: 'Ada' } },
  ],
  [
    'asana',
    'createTask',
    { opt_pretty: true, opt_fields: ['name', 'assignee'] },
    {
      data: {
        name: 'Lead 1',
        workspace: '12345',
        projects: ['23456'],
        due_on: '2026-03-02',
        notes: 'from a form',
      },
    },
  ],
  ['asana', 'getTask', { task_gid: '321', opt_fields: ['name', 'notes'] }, undefined],
  [
    'zoho-crm',
    'addRecord',
    { module_api_name: 'Leads' },
    { data: [{ Last_Name: 'Reyes', Company: 'Acme' }] },
  ],
  ['zoho-crm', 'searchRecords', { module_api_name: 'Leads', email: 'a+b@example.com', page: 1 }, undefined],
  [
    'zoho-crm',
    'convertLead',
    { record_id: '42' },
    { data: [{ overwrite: true, Deals: { Deal_Name: 'D', Closing_Date: '2026-03-02', Stage: 'New' } }] },
  ],
  [
    'stripe',
    'PostCustomers',
    {},
    {
      email: 'ada@example.com',
      name: 'Ada & Söhne',
      metadata: { lead: 'l-1', source: 'form' },
      address: { line1: 'Weg 1', city: 'Köln', country: 'DE' },
      preferred_locales: ['de', 'en'],
    },
  ],
  [
    'stripe',
    'PostCheckoutSessions',
    {},
    {
      mode: 'payment',
      success_url: 'https://example.com/done?a=b',
      line_items: [
        { quantity: 2, price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'Web' } } },
      ],
    },
  ],
  [
    'stripe',
    'GetCustomers',
    { limit: 3, created: { gte: 1767225600 }, expand: ['data.default_source'] },
    undefined,
  ],
  ['stripe', 'GetCustomersCustomer', { customer: 'cus_1', expand: ['default_source'] }, undefined],
  ['pipedrive', 'addLead', {}, { title: 'Lead 1', person_id: 1 }],
];

const apis = [...new Set(written.map(([api]) => api))];

describe.skipIf(!present)('vendors’ documents as destinations (skipped without ../shared/corpora)', () => {
  const opened = new Map<string, Promise<{ document: Record<string, unknown>; url: string }>>();
  const open = (api: string) => {
    const known =
      opened.get(api) ??
      (async () => {
        const document = documentOf(api);
        return { document, url: await judge(document, api === 'stripe' || api === 'pipedrive') };
      })();
    opened.set(api, known);
    return known;
  };

  test.each(written)('%s %s is accepted', { timeout: 60_000 }, async (api, name, values, body) => {
    const { document, url } = await open(api);
    const { violations, outcome } = await ask(url, name, openapiOperation(document, name), values, body);
    expect(violations).toEqual([]);
    expect(outcome?.excerpt).toBe('{"accepted":true}');
  });

  const perApi = 15;

  test.each(apis)(
    '%s: generated bodies of many operations are accepted',
    { timeout: 120_000 },
    async (api) => {
      const { document, url } = await open(api);
      const refused: string[] = [];
      let asked = 0;
      for (const [name, operation] of operationsIn(document)) {
        if (asked >= perApi) break;
        // The judge takes the parts of a multipart body for texts, whatever the document says of them.
        if (operation.media?.startsWith('multipart/')) continue;
        const sample = generated(operation);
        if (sample === null) continue;
        const { violations, outcome } = await ask(url, name, operation, sample.values, sample.body);
        if (violations.length > 0) continue;
        asked += 1;
        if (outcome?.status !== 200)
          refused.push(`${name} ${JSON.stringify(sample).slice(0, 300)}: ${outcome?.excerpt?.slice(0, 500)}`);
      }
      expect(asked).toBeGreaterThan(3);
      expect(refused).toEqual([]);
    },
  );
});

/** Operations that write, spread over the document. */
function* operationsIn(document: Record<string, unknown>): Generator<[string, ApiOperation]> {
  const names = Object.entries(document.paths as Record<string, Record<string, unknown>>).flatMap(
    ([path, item]) =>
      ['post', 'put', 'patch', 'get']
        .filter((method) => method in item)
        .map((method) => `${method.toUpperCase()} ${path}`),
  );
  const step = Math.max(1, Math.floor(names.length / 60));
  for (let at = 0; at < names.length; at += step) {
    const name = names[at] ?? '';
    try {
      yield [name, openapiOperation(document, name)];
    } catch (error) {
      // A schema that cannot be compiled is told by `check`.
      if (!(error instanceof ContractError)) throw error;
    }
  }
}

/** The first values by seed that our own contract accepts; null: chance finds none. */
function generated(operation: ApiOperation): { values: Record<string, unknown>; body: unknown } | null {
  const none = { texts: [], numbers: [] };
  const values: Record<string, unknown> = {};
  for (const { name, required, schema } of operation.parameters) {
    if (!required) continue;
    const [value] =
      schema === undefined ? ['x1'] : fc.sample(valuesOf(schema, none), { seed: 7, numRuns: 1 });
    values[name] = value === '' || value === null ? 'x1' : value;
  }
  const { requestContract: contract } = operation;
  if (contract === null || operation.method === 'GET') return { values, body: undefined };
  const body = fc
    .sample(valuesOf(withoutReadOnly(contract.schema), none), { seed: 7, numRuns: 20 })
    .find((each) => contract.validate(each).length === 0);
  return body === undefined ? null : { values, body };
}
