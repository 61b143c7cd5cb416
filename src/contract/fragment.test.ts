import { describe, expect, test } from 'vitest';
import { payloadSchema } from './fragment.ts';
import { ContractError, compileContract } from './schema.ts';

const lead = { type: 'object', required: ['id', 'name'], properties: { id: { readOnly: true }, name: {} } };
const body = (type: string, schema: object) => ({ content: { [type]: { schema } } });
const reference = { $ref: '#/components/schemas/Lead' };

const document = {
  openapi: '3.1.0',
  info: { title: 'CRM', version: '1' },
  paths: {
    '/leads': {
      post: { operationId: 'createLead', requestBody: body('application/json', reference) },
      get: { operationId: 'listLeads' },
      put: { operationId: 'formLead', requestBody: body('application/x-www-form-urlencoded', reference) },
    },
    '/broken': { $ref: '#/nowhere' },
  },
  webhooks: {
    'lead made': { post: { operationId: 'lead/made', requestBody: body('application/json', reference) } },
    gone: { $ref: '#/nowhere' },
  },
  components: { schemas: { Lead: lead } },
};

const rows: [fragment: string, pointer: string, direction: string | null, reason: string][] = [
  ['', '', null, 'the whole document'],
  ['/components/schemas/Lead', '/components/schemas/Lead', null, 'a pointer'],
  ['/components/schemas/%4Cead', '/components/schemas/Lead', null, 'a pointer with escapes'],
  [
    'operation=createLead',
    '/paths/~1leads/post/requestBody/content/application~1json/schema',
    'request',
    'by operationId',
  ],
  [
    'operation=POST /leads',
    '/paths/~1leads/post/requestBody/content/application~1json/schema',
    'request',
    'by method and path',
  ],
  [
    'operation=POST%20/leads',
    '/paths/~1leads/post/requestBody/content/application~1json/schema',
    'request',
    'escaped',
  ],
  [
    'operation=formLead',
    '/paths/~1leads/put/requestBody/content/application~1x-www-form-urlencoded/schema',
    'request',
    'a form is a payload',
  ],
  [
    'webhook=lead made',
    '/webhooks/lead made/post/requestBody/content/application~1json/schema',
    'request',
    'a webhook by name',
  ],
  [
    'webhook=lead/made',
    '/webhooks/lead made/post/requestBody/content/application~1json/schema',
    'request',
    'by its operationId',
  ],
];

test.each(rows)('#%s', (fragment, pointer, direction, reason) => {
  expect(payloadSchema(document, fragment), reason).toEqual({ pointer, direction });
});

test('in Swagger 2.0 the body is among the parameters, those of the path too', () => {
  const body = { name: 'lead', in: 'body', schema: { $ref: '#/definitions/Lead' } };
  const post = { operationId: 'createLead', responses: {} };
  const swagger = (item: object) => ({
    swagger: '2.0',
    paths: { '/leads': item },
    definitions: { Lead: lead },
  });
  expect(payloadSchema(swagger({ parameters: [body], post }), 'operation=createLead').pointer).toBe(
    '/paths/~1leads/parameters/0/schema',
  );
  const both = { parameters: [body], post: { ...post, parameters: [body] } };
  expect(payloadSchema(swagger(both), 'operation=createLead').pointer).toBe(
    '/paths/~1leads/post/parameters/0/schema',
  );
});

describe('what names nothing', () => {
  const wrong: [fragment: string, message: RegExp, reason: string][] = [
    ['operation=createLeed', /no operation `createLeed`|leads nowhere/, 'a typo'],
    ['operation=listLeads', /The operation `listLeads` has no body/, 'nothing is sent'],
    ['webhook=gone', /leads nowhere/, 'a webhook that is a dangling $ref'],
    ['Lead', /no JSON pointer, no `operation=`/, 'a bare name'],
    ['%', /no JSON pointer/, 'a bad escape'],
  ];
  test.each(wrong)('#%s is refused', (fragment, message, reason) => {
    expect(() => payloadSchema(document, fragment), reason).toThrow(ContractError);
    expect(() => payloadSchema(document, fragment), reason).toThrow(message);
  });

  test('the closest is named', () => {
    const sound = { ...document, paths: { '/leads': document.paths['/leads'] } };
    expect(() => payloadSchema(sound, 'operation=createLeed')).toThrow('did you mean `createLead`?');
  });
});

test('what only answers have is not asked of what is sent', () => {
  const at = payloadSchema(document, 'operation=createLead');
  const contract = compileContract({ document, ...at, name: 'x' });
  expect(contract.validate({ name: 'a' })).toEqual([]);
  expect(contract.validate({}).map(({ path }) => path)).toEqual(['/name']);
});
