import { suggest } from '../workflow/suggest.ts';
import type { PatchStep, Repair } from './contract.ts';
import { linearRegExp } from './linear-regexp.ts';
import { escapeToken } from './pointer.ts';
import { cut, type Failure, misspelt, subjectOf } from './sentences.ts';
import { isObject } from './subschemas.ts';

/** Texts longer than this are nobody's misspelling. */
const textCharsMax = 1_000;

/**
 * The small change that would likely satisfy the contract: a name, a type, a spelling. Null where there is none, and
 * for values that are not to be shown. Whether it does satisfy the contract is for the caller to try. Pure.
 * `path`: where the violation is told.
 */
export function repairOf(failure: Failure, path: string): Repair | null {
  const { keyword, params, data, parent } = failure;
  switch (keyword) {
    case 'required':
    case 'dependentRequired':
    case 'dependencies':
      return renamed(failure, misspelt(String(params.missingProperty), data, parent), path);
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unexpected(failure, path);
    default:
      return failure.hidden ? null : replaced(failure);
  }
}

function renamed({ path }: Failure, from: string | null, to: string): Repair | null {
  if (from === null) return null;
  const name = subjectOf(to);
  const step: PatchStep = { op: 'move', from: `${path}/${escapeToken(from)}`, path: to };
  return { text: `rename ${cut(from, 80)} to ${name}`, patch: [step] };
}

/** A field that the contract does not have: one that it has and that is missing, or one to leave out. */
function unexpected({ path, data, params, parent }: Failure, at: string): Repair {
  const name = String(params.additionalProperty ?? params.unevaluatedProperty);
  const known = isObject(parent.properties) ? Object.keys(parent.properties) : [];
  const absent = known.filter((each) => !(isObject(data) && Object.hasOwn(data, each)));
  const meant = absent.find((each) => misspelt(each, { [name]: true }, {}) !== null);
  if (meant === undefined) return { text: `leave ${cut(name, 80)} out`, patch: [{ op: 'remove', path: at }] };
  const step: PatchStep = { op: 'move', from: at, path: `${path}/${escapeToken(meant)}` };
  return { text: `rename ${cut(name, 80)} to ${meant}`, patch: [step] };
}

function replaced(failure: Failure): Repair | null {
  const { path, data } = failure;
  if (typeof data === 'string' && data.length > textCharsMax) return null;
  const value = candidates(failure).find((each) => each !== undefined && each !== data);
  if (value !== undefined) {
    const text = `${subjectOf(path)}: ${shortly(data)} could be ${describe(value)}`;
    return { text, patch: [{ op: 'replace', path, value }] };
  }
  if (path === '' || (data !== null && data !== '')) return null;
  return {
    text: `leave ${subjectOf(path)} out: it is ${data === '' ? 'empty' : 'null'}`,
    patch: [{ op: 'remove', path }],
  };
}

/** What could have been meant, likeliest first; undefined: not that. */
function candidates({ keyword, data, params, parent }: Failure): unknown[] {
  const absent = typeof data === 'string' && meansNothing(data) && admitsNull(parent) ? [null] : [];
  switch (keyword) {
    case 'type':
      return [params.type].flat().flatMap((type) => ofType(data, String(type)));
    case 'enum':
      return [...absent, ...listed(data, params.allowedValues)];
    case 'const':
      return [...absent, ...listed(data, [params.allowedValue])];
    case 'format':
      return typeof data === 'string' ? [...absent, formatted(data, String(params.format)), data.trim()] : [];
    case 'pattern':
      return typeof data === 'string' ? [...absent, data.trim()] : [];
    case 'minLength':
      return absent;
    default:
      return [];
  }
}

function ofType(data: unknown, type: string): unknown[] {
  const text = typeof data === 'string' ? data.trim() : '';
  switch (type) {
    case 'number':
    case 'integer':
      return numberPattern.test(text) && Number.isFinite(Number(text)) ? [Number(text)] : [];
    case 'boolean':
      return /^(true|false)$/i.test(text) ? [text.toLowerCase() === 'true'] : [];
    case 'null':
      return typeof data === 'string' && meansNothing(data) ? [null] : [];
    case 'string':
      return typeof data === 'number' || typeof data === 'boolean' ? [String(data)] : [];
    case 'array':
      return data === null ? [] : (embedded(text, '[') ?? [[data]]);
    case 'object':
      return embedded(text, '{') ?? [];
    default:
      return [];
  }
}

const numberPattern = /^-?\d{1,15}(\.\d{1,15})?$/;

/** A list or an object that came as its JSON text. */
function embedded(text: string, start: string): unknown[] | null {
  if (!text.startsWith(start)) return null;
  try {
    return [JSON.parse(text)];
  } catch {
    return null;
  }
}

/** Some senders write words for what is not there. */
function meansNothing(text: string): boolean {
  return ['', 'none', 'null', 'nil', 'n/a', 'undefined'].includes(text.trim().toLowerCase());
}

function admitsNull({ type, enum: values }: Failure['parent']): boolean {
  return [type].flat().includes('null') || (Array.isArray(values) && values.includes(null));
}

function listed(data: unknown, allowed: unknown): unknown[] {
  const values = Array.isArray(allowed) ? allowed : [];
  const same = values.find((each) => String(each).toLowerCase() === String(data).trim().toLowerCase());
  const texts = values.filter((each) => typeof each === 'string');
  return [same, (typeof data === 'string' && suggest(data.trim(), texts)) || undefined];
}

const datePattern = '(\\d{4}-\\d{2}-\\d{2})';
const timePattern = '(\\d{2}:\\d{2}(?::\\d{2})?)(\\.\\d{1,9})?';
const zonePattern = ' ?(Z|UTC|GMT|[+-]\\d{2}:?\\d{2})?';
const moments = linearRegExp(`^${datePattern}[T ]${timePattern}${zonePattern}$`);

/** Dates and times as senders write them, as RFC 3339 has them; without a zone they are read as UTC. */
function formatted(text: string, format: string): string | undefined {
  const moment = text.trim();
  if (format === 'email') return moment.replace(/^mailto:/i, '');
  if (format === 'date' && moments.test(moment)) return moment.slice(0, 10);
  if (format !== 'date-time') return undefined;
  if (/^\d{4}-\d{2}-\d{2}$/.test(moment)) return `${moment}T00:00:00Z`;
  if (!moments.test(moment)) return undefined;
  const [, time = '', zone = ''] = /^([\d:.]+) ?(.*)$/.exec(moment.slice(11)) ?? [];
  const seconds = /^\d{2}:\d{2}$/.test(time) ? `${time}:00` : time;
  const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(-2)}` : 'Z';
  return `${moment.slice(0, 10)}T${seconds}${offset}`;
}

function describe(value: unknown): string {
  if (typeof value === 'number') return `the number ${value}`;
  if (Array.isArray(value)) return 'a list of it';
  if (isObject(value)) return 'the object that it holds';
  return shortly(value);
}

function shortly(value: unknown): string {
  if (typeof value === 'object' && value !== null) return 'this';
  return typeof value === 'string' ? JSON.stringify(cut(value, 60)) : String(value);
}
