import { suggest } from '../workflow/suggest.ts';
import { dateOrMoment } from './openapi-schema.ts';
import { escapeToken, tokensOf } from './pointer.ts';
import { isObject } from './subschemas.ts';

/** An error of the schema validator, with the value that it is about. `params` and `data` depend on its keyword. */
export interface Failure {
  readonly keyword: string;
  /** JSON pointer to `data`. */
  readonly path: string;
  readonly data: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  readonly parent: Readonly<Record<string, unknown>>;
  /** The value is not to be shown. */
  readonly hidden: boolean;
  /** The validator's own words. */
  readonly said: string | undefined;
}

/** A violation as a sentence; what it quotes of the value is shortened, or hidden. */
export function sentenceOf(failure: Failure): string {
  const say = sentences[failure.keyword];
  return say === undefined ? `${subject(failure)} ${failure.said ?? 'is not valid'}` : say(failure);
}

export function cut(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars - 1)}…` : text;
}

const sentences: Readonly<Record<string, (failure: Failure) => string>> = {
  required: missing,
  dependentRequired: missing,
  dependencies: missing,
  type: (each) => `${subject(each)} is ${quoted(each)}, which should be ${kinds(each.params.type)}`,
  enum: notListed,
  const: (each) =>
    `${subject(each)} is ${quoted(each)}, which should be ${each.hidden ? 'another' : shown(each.params.allowedValue)}`,
  additionalProperties: ({ path, params, parent }) => unexpected(path, params.additionalProperty, parent),
  unevaluatedProperties: ({ path, params, parent }) => unexpected(path, params.unevaluatedProperty, parent),
  propertyNames: (each) =>
    `${subject(each)} has a field called ${shown(each.params.propertyName)}, which is no name for one`,
  'false schema': (each) => `${subject(each)} is not allowed here`,
  minimum: compared,
  maximum: compared,
  exclusiveMinimum: compared,
  exclusiveMaximum: compared,
  multipleOf: (each) =>
    `${subject(each)} is ${quoted(each)}, which is no multiple of ${each.params.multipleOf}`,
  minLength: (each) =>
    each.data === ''
      ? `${subject(each)} is empty`
      : `${subject(each)} is ${quoted(each)}, shorter than ${counted(each.params.limit, 'character')}`,
  maxLength: (each) => `${subject(each)} is longer than ${counted(each.params.limit, 'character')}`,
  minItems: (each) => `${subject(each)} has fewer than ${counted(each.params.limit, 'element')}`,
  maxItems: tooMany,
  items: tooMany,
  additionalItems: tooMany,
  unevaluatedItems: tooMany,
  minProperties: (each) => `${subject(each)} has fewer than ${counted(each.params.limit, 'field')}`,
  maxProperties: (each) => `${subject(each)} has more than ${counted(each.params.limit, 'field')}`,
  uniqueItems: (each) => `${subject(each)} has the same element twice`,
  contains,
  pattern: (each) =>
    `${subject(each)} is ${quoted(each)}, which does not match ${cut(String(each.params.pattern), 80)}`,
  format: (each) =>
    `${subject(each)} is ${quoted(each)}, which is not ${formatName(String(each.params.format))}`,
  not: (each) => `${subject(each)} is ${quoted(each)}, which the contract rules out`,
  anyOf: (each) => `${subject(each)} fits none of the forms that the contract allows`,
  oneOf: (each) =>
    each.params.passingSchemas === null
      ? `${subject(each)} fits none of the forms that the contract allows`
      : `${subject(each)} fits several forms of the contract at once, and should fit one`,
};

function tooMany(failure: Failure): string {
  return `${subject(failure)} has more than ${counted(failure.params.limit, 'element')}`;
}

function contains(failure: Failure): string {
  const { minContains: least, maxContains: most } = failure.params;
  if (most !== undefined) return `${subject(failure)} needs ${least} to ${most} elements of one kind`;
  return least === 1
    ? `${subject(failure)} has no element of the kind that it needs`
    : `${subject(failure)} has fewer than ${counted(least, 'element')} of the kind that it needs`;
}

function missing({ path, data, params, parent }: Failure): string {
  const name = String(params.missingProperty);
  const near = misspelt(name, data, parent);
  const because = typeof params.property === 'string' ? `, as there is ${cut(params.property, 80)}` : '';
  const hint = near === null ? '' : `; ${cut(near, 80)} looks like it`;
  return `${subjectOf(`${path}/${escapeToken(name)}`)} is missing${because}${hint}`;
}

/** The member that stands in the place of a missing one: nearly its name, and no other that the contract has. */
export function misspelt(name: string, data: unknown, parent: Failure['parent']): string | null {
  if (!isObject(data)) return null;
  const known = isObject(parent.properties) ? parent.properties : {};
  const present = Object.keys(data)
    .filter((each) => !Object.hasOwn(known, each))
    .slice(0, 200);
  const letters = (text: string) => text.toLowerCase().replaceAll(/[-_ .]/g, '');
  return present.find((each) => letters(each) === letters(name)) ?? suggest(name, present);
}

function unexpected(path: string, member: unknown, parent: Failure['parent']): string {
  const name = String(member);
  const near = suggest(name, isObject(parent.properties) ? Object.keys(parent.properties) : []);
  const hint = near === null ? '' : `; did it mean ${near}?`;
  return `${subjectOf(`${path}/${escapeToken(name)}`)} is not in the contract${hint}`;
}

function notListed(failure: Failure): string {
  const { data, params, hidden } = failure;
  if (hidden) return `${subject(failure)} is [hidden], which is not one of those that the contract allows`;
  const allowed = Array.isArray(params.allowedValues) ? params.allowedValues : [];
  const texts = allowed.filter((value) => typeof value === 'string');
  const near = typeof data === 'string' ? suggest(data, texts) : null;
  const list = allowed.slice(0, 8).map(shown).join(', ') + (allowed.length > 8 ? ', …' : '');
  const hint = near === null ? '' : `; did it mean ${shown(near)}?`;
  return `${subject(failure)} is ${quoted(failure)}, which is not one of ${list}${hint}`;
}

function compared(failure: Failure): string {
  const { params } = failure;
  const words: Readonly<Record<string, string>> = {
    '>=': 'at least',
    '<=': 'at most',
    '>': 'more than',
    '<': 'less than',
  };
  return `${subject(failure)} is ${quoted(failure)}, which should be ${words[String(params.comparison)] ?? ''} ${params.limit}`;
}

function subject({ path }: Failure): string {
  return subjectOf(path);
}

function quoted({ data, hidden }: Failure): string {
  return hidden ? '[hidden]' : shown(data);
}

/** A path as people write it: `utm.campaign`, `items[0].price`; "The payload" for the whole. */
export function subjectOf(pointer: string): string {
  if (pointer === '') return 'The value';
  const text = tokensOf(pointer)
    .map((token) => (/^\d+$/.test(token) ? `[${token}]` : `.${token}`))
    .join('');
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
    [dateOrMoment]: 'a date like 2026-01-31',
    time: 'a time like 12:00:00Z',
    uuid: 'a UUID',
  };
  return names[format] ?? `a valid ${cut(format, 40)}`;
}

function counted(count: unknown, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
