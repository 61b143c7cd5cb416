import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, apiServer, routed, stopped } from './api-server.ts';

type Json = Record<string, unknown>;
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: Json }[];
  readonly requestBody?: { content: Record<string, { schema: Json }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema?: Json }> }>;
  readonly security?: readonly Json[];
}
interface Document {
  readonly openapi: string;
  readonly info: Json;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly tags: readonly { name: string }[];
  readonly components: { securitySchemes: Json };
}

let server: ApiServer;
let document: Document;
let operations: { path: string; method: string; operation: Operation }[];
beforeAll(async () => {
  server = await apiServer();
  document = (await server.ask('/openapi.json')).body;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
});
afterAll(async () => await server.close());

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);

describe('the document', () => {
  test('is OpenAPI 3.1 and names every tag that it uses', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info).toMatchObject({ title: 'Signalbox', version: expect.stringMatching(/^\d/) });
    const known = new Set(document.tags.map(({ name }) => name));
    for (const { operation } of operations) for (const tag of operation.tags) expect(known).toContain(tag);
  });

  test('needs no key to be read, and lists the routes of the design', async () => {
    expect((await fetch(`${server.url}/openapi.json`)).status).toBe(200);
    // Which there are, docs/reference/rights.md lists, and test/api/rights.test.ts keeps.
    expect(operations.map(({ method, path }) => `${method} ${path}`)).toEqual(
      expect.arrayContaining(['get /api/tickets', 'get /health/live', 'post /in/{source}']),
    );
  });

  test('says of every route what it is and how it fails', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, method, operation } of operations) {
      const where = `${method} ${path}`;
      expect(operation.operationId, where).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.summary, where).toMatch(/\w{3}/);
      const failures = Object.keys(operation.responses).filter(
        (status) => status >= '400' && path + status !== '/health/ready503',
      );
      if (path.startsWith('/api/') && operation.security?.length !== 0)
        expect(failures, where).toContain('401');
      else expect(operation.security, where).toEqual([]);
      for (const status of failures) {
        expect(Object.keys(operation.responses[status]?.content ?? {}), `${where} ${status}`).toEqual([
          'application/problem+json',
        ]);
      }
    }
  });

  test('is sound: path parameters are declared, every schema compiles', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/{(\w+)}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => name)).toEqual(inPath);
      expect(declared.every(({ required }) => required === true)).toBe(true);
      const schemas = [
        ...(operation.parameters ?? []).map(({ schema }) => schema),
        ...Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => schema),
        ...Object.values(operation.responses).flatMap(({ content }) =>
          Object.values(content ?? {}).map(({ schema }) => schema),
        ),
      ];
      for (const schema of schemas) expect(() => ajv.compile(schema ?? {}), path).not.toThrow();
      for (const { description } of Object.values(operation.responses))
        expect(description).toBeTypeOf('string');
    }
  });
});

test('answers are as the document says', async () => {
  const exception = await server.place(stopped('shape-1'));
  const handoff = await server.place(routed('shape-2', true));
  const paths = [
    ['/api/tickets', '/api/tickets?limit=10'],
    ['/api/tickets/{id}', `/api/tickets/${exception}`],
    ['/api/tickets/{id}', `/api/tickets/${handoff}`],
    ['/api/tickets/{id}', '/api/tickets/0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41'],
    ['/api/exceptions', '/api/exceptions'],
    ['/api/exceptions/{ticketId}/{seq}', `/api/exceptions/${exception}/1`],
    ['/api/approvals', '/api/approvals'],
    ['/api/exceptions/counts', '/api/exceptions/counts'],
    ['/api/today', '/api/today'],
    ['/api/people', '/api/people'],
    ['/api/inventory', '/api/inventory'],
    ['/api/workflows/{name}/map', '/api/workflows/leads/map'],
    ['/api/me', '/api/me'],
    ['/api/sign-in', '/api/sign-in'],
    ['/api/accounts', '/api/accounts'],
    ['/api/account-acts', '/api/account-acts'],
    ['/api/workflows', '/api/workflows'],
    ['/api/workflows/{name}/versions', '/api/workflows/leads/versions'],
    ['/api/workflows/{name}/versions', '/api/workflows/nosuch/versions'],
    ['/api/sources', '/api/sources'],
    ['/api/destinations', '/api/destinations'],
    ['/api/audit/verify', '/api/audit/verify'],
    ['/api/audit/verify', `/api/audit/verify?ticket=${handoff}`],
    ['/health/live', '/health/live'],
    ['/health/ready', '/health/ready'],
  ] as const;
  for (const [template, path] of paths) {
    const { status, body } = await server.ask(path);
    const content = document.paths[template]?.get?.responses[String(status)]?.content ?? {};
    const [schema] = Object.values(content).map((each) => each.schema);
    expect(schema, `${template} ${status}`).toBeDefined();
    const check = ajv.compile(schema ?? false);
    expect(check(body), `${path}: ${ajv.errorsText(check.errors)}`).toBe(true);
  }
});

test('the project is told without its secrets', async () => {
  const { body } = await server.ask('/api/destinations');
  expect(body.destinations).toMatchObject([
    {
      key: 'tool',
      summary: 'The tool',
      url: 'http://tool',
      scheme: 'bearer',
      idempotency_header: 'idempotency-key',
      timeout_ms: 1000,
    },
  ]);
  expect(JSON.stringify((await server.ask('/api/sources')).body)).not.toContain('TOKEN');
  const { workflows } = (await server.ask('/api/workflows')).body;
  expect(workflows[0]).toMatchObject({
    name: 'leads',
    versions: [{ active: true, deployed_by: 'signalbox' }],
  });
});
