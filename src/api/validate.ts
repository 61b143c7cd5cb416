import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';
import { AppError } from '../errors.ts';
import { suggest } from '../workflow/suggest.ts';

/** Where a value stood, as the caller knows it. */
const partNames: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
};

const options = {
  strict: false,
  useDefaults: true,
  discriminator: true,
  verbose: true,
  // Our own schemas, each for a few small requests: they need no judging, and optimising them costs more than it gains.
  validateSchema: false,
  code: { optimize: false },
} as const;
/** Query, path and headers are text, so `limit=5` is read as the number it means; a body says what it is. */
const texts = withFormats(new Ajv.default({ ...options, coerceTypes: true }));
const bodies = withFormats(new Ajv.default(options));

const { validate: isDateTime } = addFormats.default.get('date-time') as {
  validate: (text: string) => boolean;
};

function withFormats(ajv: Ajv.default): Ajv.default {
  addFormats.default(ajv);
  // ajv-formats takes `urn:uuid:` before it, PostgreSQL does not.
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
  // A leap second, or a zone of two digits, is a time to ajv-formats and none to JavaScript.
  ajv.addFormat('date-time', (value) => isDateTime(value) && !Number.isNaN(Date.parse(value)));
  ajv.addFormat('text', (value) => !value.includes('\0') && value.isWellFormed());
  return ajv;
}

/**
 * Compiles a route's schemas to checks whose error says which member is wrong and what is allowed there: each when it is first
 * asked for, because all of them together were a good part of a server's start.
 */
export const compileValidator: FastifySchemaCompiler<object> = ({ schema, httpPart }) => {
  let check: ValidateFunction | undefined;
  return (value: unknown) => {
    check ??= (httpPart === 'body' ? bodies : texts).compile(schema);
    if (check(value)) return { value };
    const error = check.errors?.[0];
    return {
      error: new AppError('bad_request', sentence(error, partNames[httpPart ?? 'body'] ?? 'request')),
    };
  };
};

function sentence(error: ErrorObject | undefined, part: string): string {
  if (error === undefined) return `The ${part} is not understood.`;
  const member = error.instancePath.split('/').slice(1).join('.');
  const subject = member === '' ? `The ${part}` : `\`${member}\` in the ${part}`;
  const text = `${subject} ${complaint(error)}`;
  return text.endsWith('?') ? text : `${text}.`;
}

function complaint({ keyword, params, message, parentSchema }: ErrorObject): string {
  const allowed = (values: unknown) =>
    (values as unknown[]).map((value) => `\`${String(value)}\``).join(', ');
  switch (keyword) {
    case 'required':
      return `lacks \`${params.missingProperty}\``;
    case 'additionalProperties': {
      const known = Object.keys(parentSchema?.properties ?? {});
      const meant = suggest(params.additionalProperty, known);
      const hint = meant === null ? `it takes ${allowed(known)}` : `did you mean \`${meant}\`?`;
      return `has the unknown member \`${params.additionalProperty}\`: ${hint}`;
    }
    case 'enum':
      return `must be one of ${allowed(params.allowedValues)}`;
    case 'const':
      return `must be \`${params.allowedValue}\``;
    case 'discriminator':
      return `must name one of ${allowed(formsOf(parentSchema, params.tag))} in \`${params.tag}\``;
    case 'minLength':
      return params.limit === 1 ? 'is empty' : `has fewer than ${params.limit} characters`;
    case 'maxLength':
      return `has more than ${params.limit} characters`;
    case 'minimum':
      return `must be at least ${params.limit}`;
    case 'maximum':
      return `must be at most ${params.limit}`;
    case 'format':
      return formatComplaints[params.format] ?? `must be a ${params.format}`;
    case 'type':
      return `must be ${withArticle(String(params.type))}`;
    default:
      return message ?? 'is not understood';
  }
}

/** What the member that chooses a form may be. */
function formsOf(schema: ErrorObject['parentSchema'], member: string): unknown[] {
  const forms: { properties: Record<string, { const: unknown }> }[] = schema?.oneOf ?? [];
  return forms.map(({ properties }) => properties[member]?.const);
}

const formatComplaints: Readonly<Record<string, string>> = {
  'date-time': 'must be a time with its zone: 2026-03-01T10:00:00Z',
  uuid: "must be a ticket's id (a UUID)",
  text: 'holds a character that cannot be stored',
};

function withArticle(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
