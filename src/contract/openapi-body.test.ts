import { expect, test } from 'vitest';
import { openapiOperation } from './openapi.ts';
import { serverOf } from './openapi-server.ts';

const swagger = {
  swagger: '2.0',
  host: 'api.example.com',
  basePath: '/v2',
  schemes: ['http', 'https'],
  consumes: ['application/x-www-form-urlencoded'],
  paths: {
    '/leads': {
      post: {
        operationId: 'createLead',
        parameters: [
          { name: 'name', in: 'formData', required: true, type: 'string' },
          { name: 'tags', in: 'formData', type: 'array', items: { type: 'string' } },
          { name: 'ids', in: 'query', type: 'array', items: { type: 'integer' }, collectionFormat: 'pipes' },
        ],
        responses: {},
      },
    },
    '/files': {
      post: {
        operationId: 'upload',
        consumes: ['multipart/form-data'],
        parameters: [{ name: 'file', in: 'formData', required: true, type: 'file' }],
        responses: {},
      },
    },
    '/patch': {
      patch: {
        operationId: 'patchLead',
        consumes: ['application/merge-patch+json'],
        parameters: [{ name: 'body', in: 'body', required: false, schema: { type: 'object' } }],
        responses: {},
      },
    },
  },
};

test('a form of Swagger 2.0 has a contract, its lists their way', () => {
  const { media, styles, requestContract, parameters, bodyOptional } = openapiOperation(
    swagger,
    'createLead',
  );
  expect({ media, styles, bodyOptional }).toEqual({
    media: 'application/x-www-form-urlencoded',
    styles: { tags: { style: 'form', explode: false } },
    bodyOptional: undefined,
  });
  expect(parameters).toMatchObject([{ name: 'ids', style: { style: 'pipeDelimited', explode: false } }]);
  expect(requestContract?.validate({ name: 'a', tags: ['x'] })).toEqual([]);
  expect(
    requestContract
      ?.validate({ tags: 'x', other: 1 })
      .map(({ path }) => path)
      .sort(),
  ).toEqual(['/name', '/other', '/tags']);
});

test('a file makes it multipart; a patch keeps its type', () => {
  expect(openapiOperation(swagger, 'upload')).toMatchObject({
    media: 'multipart/form-data',
    styles: { file: { style: 'file' } },
  });
  expect(openapiOperation(swagger, 'patchLead')).toMatchObject({
    media: 'application/merge-patch+json',
    bodyOptional: true,
  });
});

const media = (content: object) => ({
  openapi: '3.1.0',
  paths: { '/a': { post: { operationId: 'a', requestBody: { required: true, content }, responses: {} } } },
});
const schema = { type: 'object' };

const choices: readonly [content: object, media: string | undefined, reason: string][] = [
  [{ 'text/plain': {}, 'application/json': { schema } }, undefined, 'JSON before all else'],
  [{ '*/*': { schema } }, undefined, 'whatever it takes, it takes JSON'],
  [
    { 'application/x-www-form-urlencoded': { schema }, 'multipart/form-data': { schema } },
    'application/x-www-form-urlencoded',
    'a form before its parts',
  ],
  [
    { 'application/vnd.tool+json; v=1': { schema } },
    'application/vnd.tool+json; v=1',
    'JSON of its own type, as it is written',
  ],
  [{ 'application/xml': { schema } }, 'application/xml', 'a text that the workflow makes'],
  [{ 'application/xml': { schema }, 'text/xml': { schema } }, 'text/xml', 'a text that says it is one'],
  [{ 'multipart/mixed': { schema } }, undefined, 'what cannot be made is none'],
];

test.each(choices)('%j is sent as %s: %s', (content, expected) => {
  expect(openapiOperation(media(content), 'a').media).toBe(expected);
});

test('a schema of XML is about what the text means: the text is not held against it', () => {
  expect(openapiOperation(media({ 'application/xml': { schema } }), 'a').requestContract).toBeNull();
});

const servers: readonly [document: object, url: string | null, reason: string][] = [
  [swagger, 'https://api.example.com/v2', 'https where both are offered'],
  [{ openapi: '3.0.0', servers: [{ url: 'https://a.example/v1/' }] }, 'https://a.example/v1', 'the first'],
  [
    { openapi: '3.0.0', servers: [{ url: 'https://{r}.a.example', variables: { r: { default: 'eu' } } }] },
    'https://eu.a.example',
    'with its defaults',
  ],
  [
    {
      openapi: '3.0.0',
      servers: [{ url: 'https://a.example:{port}', variables: { port: { default: 8443 } } }],
    },
    'https://a.example:8443',
    'a port that YAML takes for a number',
  ],
  [{ openapi: '3.0.0', servers: [{ url: 'https://{r}.a.example' }] }, null, 'a variable that nobody set'],
  [{ openapi: '3.0.0', servers: [{ url: '/v1' }] }, null, 'an address that does not stand by itself'],
  [{ openapi: '3.0.0' }, null, 'none'],
];

test.each(servers)('%j is at %s: %s', (document, url) => {
  expect(serverOf(document)).toBe(url);
});
