import { describe, expect, test } from 'vitest';
import { openapiOperation } from './openapi.ts';
import { ContractError } from './schema.ts';

const project = {
  type: 'object',
  required: ['id', 'name'],
  properties: {
    id: { type: 'string', readOnly: true },
    name: { type: 'string' },
    note: { type: 'string', nullable: true },
  },
};

const openapi3 = {
  openapi: '3.0.3',
  paths: {
    '/projects': {
      parameters: [{ $ref: '#/components/parameters/Tenant' }, { name: 'dry', in: 'query' }],
      post: {
        operationId: 'createProject',
        parameters: [
          { name: 'dry', in: 'query', required: true },
          { name: 'session', in: 'cookie' },
        ],
        requestBody: { $ref: '#/components/requestBodies/Project' },
        responses: {
          default: { description: 'error' },
          '201': {
            description: 'made',
            content: {
              'application/vnd.tool+json; v=1': { schema: { $ref: '#/components/schemas/Project' } },
            },
          },
        },
      },
      get: { responses: { '204': { description: 'nothing' } } },
    },
    '/projects/{id}': {
      get: {
        operationId: 'getProject',
        parameters: [{ name: 'id', in: 'path', required: true }],
        responses: {
          '2XX': {
            content: {
              'text/html': {},
              'application/json': { schema: { $ref: '#/components/schemas/Project' } },
            },
          },
        },
      },
    },
  },
  components: {
    schemas: { Project: project },
    parameters: { Tenant: { name: 'X-Tenant', in: 'header', required: true } },
    requestBodies: {
      Project: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Project' } } } },
    },
  },
};

describe('OpenAPI 3', () => {
  test('by operationId, with what the path and the operation say of parameters', () => {
    const { method, path, parameters } = openapiOperation(openapi3, 'createProject');
    expect({ method, path }).toEqual({ method: 'POST', path: '/projects' });
    expect(parameters).toEqual([
      { name: 'X-Tenant', in: 'header', required: true },
      { name: 'dry', in: 'query', required: true },
    ]);
  });

  test('what only answers have is not required of a request', () => {
    const { requestContract, responseContract } = openapiOperation(openapi3, 'createProject');
    expect(requestContract?.validate({ name: 'a' })).toEqual([]);
    expect(requestContract?.validate({}).map(({ path }) => path)).toEqual(['/name']);
    expect(responseContract?.validate({ name: 'a' }).map(({ path }) => path)).toEqual(['/id']);
    expect(responseContract?.validate({ id: '1', name: 'a', note: null })).toEqual([]);
  });

  test('by method and path', () => {
    const operation = openapiOperation(openapi3, 'GET /projects/{id}');
    expect(operation.parameters).toEqual([{ name: 'id', in: 'path', required: true }]);
    expect(operation.requestContract).toBeNull();
    expect(operation.responseContract?.validate({}).length).toBe(2);
    expect(openapiOperation(openapi3, 'GET /projects').responseContract).toBeNull();
  });

  const rows: [document: unknown, operation: string, message: RegExp, reason: string][] = [
    [openapi3, 'createProjct', /did you mean `createProject`\?/, 'a typo'],
    [openapi3, 'POST /project', /did you mean `POST \/projects`\?/, 'a typo in a path'],
    [openapi3, 'deleteEverything', /it has GET \/projects, createProject, getProject/, 'nothing like it'],
    [{ openapi: '3.1.0', paths: {} }, 'x', /it has none at all/, 'an empty document'],
    [null, 'x', /it has none at all/, 'no document'],
    [{ paths: { '/a': { $ref: '#/b' } }, b: { $ref: '#/paths/~1a' } }, 'GET /a', /in a circle/, 'a circle'],
    [{ paths: { '/a': { $ref: '#/nowhere' } } }, 'GET /a', /leads nowhere/, 'a dangling $ref'],
  ];
  test.each(rows)('%j has no %s', (document, operation, message, reason) => {
    expect(() => openapiOperation(document, operation), reason).toThrow(ContractError);
    expect(() => openapiOperation(document, operation), reason).toThrow(message);
  });
});

test('Swagger 2.0 has the body among the parameters and the schema in the response', () => {
  const swagger = {
    swagger: '2.0',
    paths: {
      '/a': {
        put: {
          parameters: [{ in: 'body', name: 'body', schema: { $ref: '#/definitions/A' } }],
          responses: { 200: { schema: { type: 'array', items: { $ref: '#/definitions/A' } } } },
        },
      },
    },
    definitions: {
      A: { type: 'object', required: ['n'], properties: { n: { type: 'integer', 'x-nullable': true } } },
    },
  };
  const { parameters, requestContract, responseContract } = openapiOperation(swagger, 'PUT /a');
  expect(parameters).toEqual([]);
  expect(requestContract?.validate({ n: null })).toEqual([]);
  expect(responseContract?.validate([{ n: 1 }, {}]).map(({ path }) => path)).toEqual(['/1/n']);
});

describe('what only answers have is not asked of a request', () => {
  const id = { type: 'string', readOnly: true };
  const base = { type: 'object', required: ['id'], properties: { id } };
  const rows: [schema: object, reason: string][] = [
    [{ required: ['id'], properties: { id } }, 'said beside it'],
    [{ required: ['id'], properties: { id: { $ref: '#/components/schemas/Id' } } }, 'by a schema of its own'],
    [
      { required: ['id'], properties: { id: { allOf: [{ $ref: '#/components/schemas/Id' }] } } },
      'by what the member is made of',
    ],
    [
      { required: ['id'], properties: { id: { nullable: true, readOnly: true, allOf: [{}] } } },
      'where it may be null',
    ],
    [{ allOf: [{ $ref: '#/components/schemas/Base' }, { required: ['id'] }] }, 'by another part'],
    [{ required: ['id'], allOf: [{ $ref: '#/components/schemas/Base' }] }, 'by a part of it'],
    [{ allOf: [{ $ref: '#/components/schemas/Circle' }, { required: ['id'] }] }, 'by parts in a circle'],
  ];
  test.each(rows)('%j: %s', (schema) => {
    for (const openapi of ['3.0.3', '3.1.0']) {
      const part = { content: { 'application/json': { schema } } };
      const circle = '#/components/schemas/Circle';
      const operation = openapiOperation(
        {
          openapi,
          paths: { '/a': { post: { operationId: 'a', requestBody: part, responses: { 200: part } } } },
          components: {
            schemas: { Id: id, Base: base, Circle: { allOf: [{ $ref: circle }, { $ref: circle }, base] } },
          },
        },
        'a',
      );
      if (!JSON.stringify(schema).includes('Circle')) {
        expect(operation.requestContract?.validate({})).toEqual([]);
        expect(operation.responseContract?.validate({})).toMatchObject([{ path: '/id' }]);
      } else expect(operation.requestContract?.validate({})).toMatchObject([{ rule: 'depth' }]);
    }
  });
});

test('an argument whose content is text is that text, and JSON is JSON', () => {
  const parameters = [
    { name: 'q', in: 'query', content: { 'text/plain': { schema: { type: 'string' } } } },
    { name: 'f', in: 'query', content: { 'application/json': { schema: { type: 'string' } } } },
  ];
  const document = {
    openapi: '3.1.0',
    paths: { '/a': { get: { operationId: 'a', parameters, responses: {} } } },
  };
  expect(openapiOperation(document, 'a').parameters.map(({ name, style }) => [name, style?.style])).toEqual([
    ['q', undefined],
    ['f', 'json'],
  ]);
});
