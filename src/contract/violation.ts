import type { ErrorObject } from 'ajv';
import { limits } from '../limits.ts';
import { suggest } from '../workflow/suggest.ts';
import type { Violation } from './contract.ts';
import { escapeToken } from './pointer.ts';

/**
 * The schema validator's errors as sentences for a person: at most limits.violationsMax, the last one counting the
 * rest. What they quote of the value is shortened.
 */
export function violationsOf(errors: readonly ErrorObject[]): readonly Violation[] {
  // `if` fails only because `then` or `else` did, which says more.
  const telling = errors.filter(({ keyword }) => keyword !== 'if');
  const seen = new Map<string, Violation>();
  for (const error of telling.length > 0 ? telling : errors) {
    const violation = violationOf(error);
    seen.set(`${violation.path} ${violation.message}`, violation);
  }
  const all = [...seen.values()];
  if (all.length <= limits.violationsMax) return all;
  const listed = all.slice(0, limits.violationsMax - 1);
  return [...listed, { path: '', rule: 'more', message: `There are ${all.length - listed.length} more` }];
}

/** `params` and `data` of an error depend on its keyword. */
interface Failure {
  readonly path: string;
  readonly subject: string;
  readonly data: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  readonly parent: Readonly<Record<string, unknown>>;
}

function violationOf(error: ErrorObject): Violation {
  const { keyword, params, instancePath } = error;
  const parent = typeof error.parentSchema === 'object' ? error.parentSchema : {};
  const failure = { path: instancePath, subject: subjectOf(instancePath), data: error.data, params, parent };
  const member = memberOf(keyword, params);
  const path = member === null ? instancePath : `${instancePath}/${escapeToken(member)}`;
  const say = sentences[keyword] ?? ((each: Failure) => `${each.subject} ${error.message ?? 'is not valid'}`);
  return { path: cut(path, 500), rule: keyword, message: say(failure) };
}

/** The member that an error is about, where it is not about the object itself. */
function memberOf(keyword: string, params: Readonly<Record<string, unknown>>): string | null {
  const names: Readonly<Record<string, unknown>> = {
    required: params.missingProperty,
    dependentRequired: params.missingProperty,
    dependencies: params.missingProperty,
    additionalProperties: params.additionalProperty,
    unevaluatedProperties: params.unevaluatedProperty,
  };
  const name = names[keyword];
  return typeof name === 'string' ? name : null;
}

const sentences: Readonly<Record<string, (failure: Failure) => string>> = {
  required: missing,
  dependentRequired: missing,
  dependencies: missing,
  type: ({ subject, data, params }) => `${subject} is ${shown(data)}, which should be ${kinds(params.type)}`,
  enum: notListed,
  const: ({ subject, data, params }) =>
    `${subject} is ${shown(data)}, which should be ${shown(params.allowedValue)}`,
  additionalProperties: ({ path, params, parent }) => unexpected(path, params.additionalProperty, parent),
  unevaluatedProperties: ({ path, params, parent }) => unexpected(path, params.unevaluatedProperty, parent),
  propertyNames: ({ subject, params }) =>
    `${subject} has a field called ${shown(params.propertyName)}, which is no name for one`,
  'false schema': ({ subject }) => `${subject} is not allowed here`,
  minimum: compared,
  maximum: compared,
  exclusiveMinimum: compared,
  exclusiveMaximum: compared,
  multipleOf: ({ subject, data, params }) =>
    `${subject} is ${shown(data)}, which is no multiple of ${params.multipleOf}`,
  minLength: ({ subject, data, params }) =>
    data === ''
      ? `${subject} is empty`
      : `${subject} is ${shown(data)}, shorter than ${counted(params.limit, 'character')}`,
  maxLength: ({ subject, params }) => `${subject} is longer than ${counted(params.limit, 'character')}`,
  minItems: ({ subject, params }) => `${subject} has fewer than ${counted(params.limit, 'element')}`,
  maxItems: ({ subject, params }) => `${subject} has more than ${counted(params.limit, 'element')}`,
  minProperties: ({ subject, params }) => `${subject} has fewer than ${counted(params.limit, 'field')}`,
  maxProperties: ({ subject, params }) => `${subject} has more than ${counted(params.limit, 'field')}`,
  uniqueItems: ({ subject }) => `${subject} has the same element twice`,
  contains: ({ subject }) => `${subject} has no element of the kind that it needs`,
  pattern: ({ subject, data, params }) =>
    `${subject} is ${shown(data)}, which does not match ${cut(String(params.pattern), 80)}`,
  format: ({ subject, data, params }) =>
    `${subject} is ${shown(data)}, which is not ${formatName(String(params.format))}`,
  not: ({ subject, data }) => `${subject} is ${shown(data)}, which the contract rules out`,
  anyOf: ({ subject }) => `${subject} fits none of the forms that the contract allows`,
  oneOf: ({ subject, params }) =>
    params.passingSchemas === null
      ? `${subject} fits none of the forms that the contract allows`
      : `${subject} fits several forms of the contract at once, and should fit one`,
};

function missing({ path, data, params }: Failure): string {
  const name = String(params.missingProperty);
  const present = isObject(data) ? Object.keys(data).slice(0, 200) : [];
  const near = suggest(name, present);
  const because = typeof params.property === 'string' ? `, as there is ${cut(params.property, 80)}` : '';
  const hint = near === null ? '' : `; ${cut(near, 80)} looks like it`;
  return `${subjectOf(`${path}/${escapeToken(name)}`)} is missing${because}${hint}`;
}

function unexpected(path: string, member: unknown, parent: Failure['parent']): string {
  const name = String(member);
  const near = suggest(name, isObject(parent.properties) ? Object.keys(parent.properties) : []);
  const hint = near === null ? '' : `; did it mean ${near}?`;
  return `${subjectOf(`${path}/${escapeToken(name)}`)} is not in the contract${hint}`;
}

function notListed({ subject, data, params }: Failure): string {
  const allowed = Array.isArray(params.allowedValues) ? params.allowedValues : [];
  const texts = allowed.filter((value) => typeof value === 'string');
  const near = typeof data === 'string' ? suggest(data, texts) : null;
  const list = allowed.slice(0, 8).map(shown).join(', ') + (allowed.length > 8 ? ', …' : '');
  const hint = near === null ? '' : `; did it mean ${shown(near)}?`;
  return `${subject} is ${shown(data)}, which is not one of ${list}${hint}`;
}

function compared({ subject, data, params }: Failure): string {
  const words: Readonly<Record<string, string>> = {
    '>=': 'at least',
    '<=': 'at most',
    '>': 'more than',
    '<': 'less than',
  };
  return `${subject} is ${shown(data)}, which should be ${words[String(params.comparison)] ?? ''} ${params.limit}`;
}

/** A path as people write it: `utm.campaign`, `items[0].price`; "The payload" for the whole. */
function subjectOf(pointer: string): string {
  if (pointer === '') return 'The value';
  const tokens = pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const text = tokens.map((token) => (/^\d+$/.test(token) ? `[${token}]` : `.${token}`)).join('');
  return cut(text.replace(/^\./, ''), 120);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (isObject(value)) return 'an object';
  return typeof value === 'string' ? JSON.stringify(cut(value, 60)) : String(value);
}

function kinds(type: unknown): string {
  const names: Readonly<Record<string, string>> = {
    string: 'a text',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
    object: 'an object',
    array: 'a list',
    null: 'null',
  };
  return [type]
    .flat()
    .flatMap((name) => String(name).split(','))
    .map((name) => names[name] ?? name)
    .join(' or ');
}

function formatName(format: string): string {
  const names: Readonly<Record<string, string>> = {
    email: 'an e-mail address',
    uri: 'a URI',
    'date-time': 'a date and time like 2026-01-31T12:00:00Z',
    date: 'a date like 2026-01-31',
    time: 'a time like 12:00:00Z',
    uuid: 'a UUID',
  };
  return names[format] ?? `a valid ${cut(format, 40)}`;
}

function counted(count: unknown, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function cut(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars - 1)}…` : text;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
