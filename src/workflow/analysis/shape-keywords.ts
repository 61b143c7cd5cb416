import {
  anyJson,
  type Domain,
  intersected,
  type Kind,
  kindOf,
  ofKinds,
  ofValues,
  type Scalar,
} from './domain.ts';

export type Schema = Readonly<Record<string, unknown>>;

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function membersOf(value: unknown): Schema {
  return isSchema(value) ? value : {};
}

/** What the keywords of one schema object say of the value itself; references and combinations are not followed. */
export function domainOfKeywords(part: Schema): Domain {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = part;
  const [from, to] = [lowest(minimum, exclusiveMinimum), highest(maximum, exclusiveMaximum)];
  const bounded: Domain = {
    ...anyJson,
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    whole: Number.isInteger(part.multipleOf),
    characters: [numberOr(part.minLength, 0), numberOr(part.maxLength, Number.POSITIVE_INFINITY)],
    elements: [numberOr(part.minItems, 0), numberOr(part.maxItems, Number.POSITIVE_INFINITY)],
  };
  return [typed(part), listed(part)].reduce(intersected, bounded);
}

const kindsByName: Readonly<Record<string, Kind>> = {
  null: 'null',
  boolean: 'bool',
  number: 'number',
  integer: 'number',
  string: 'string',
  array: 'list',
  object: 'object',
};

function typed({ type, nullable }: Schema): Domain {
  const names = [type].flat().filter((name) => typeof name === 'string');
  if (names.length === 0) return anyJson;
  const kinds = names.map((name) => kindsByName[name]).filter((kind) => kind !== undefined);
  if (nullable === true) kinds.push('null');
  const domain = ofKinds(kinds);
  const whole = names.includes('integer') && !names.includes('number');
  return domain.values === null ? { ...domain, whole } : domain;
}

/** `enum` and `const`; lists and objects among their values are known by their kind alone. */
function listed(part: Schema): Domain {
  const stated = 'const' in part ? [part.const] : part.enum;
  if (!Array.isArray(stated)) return anyJson;
  if (stated.every(isScalar)) return ofValues(stated);
  return ofKinds(
    stated.map((value) => (isScalar(value) ? kindOf(value) : Array.isArray(value) ? 'list' : 'object')),
  );
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** Draft 4 and OpenAPI 3.0 write `exclusiveMinimum: true` beside the bound. */
function lowest(bound: unknown, exclusive: unknown): Domain['from'] | null {
  const closed = typeof bound === 'number' ? { value: bound, open: exclusive === true } : null;
  const open = typeof exclusive === 'number' ? { value: exclusive, open: true } : null;
  if (closed === null || open === null) return closed ?? open;
  return open.value >= closed.value ? open : closed;
}

function highest(bound: unknown, exclusive: unknown): Domain['to'] | null {
  const closed = typeof bound === 'number' ? { value: bound, open: exclusive === true } : null;
  const open = typeof exclusive === 'number' ? { value: exclusive, open: true } : null;
  if (closed === null || open === null) return closed ?? open;
  return open.value <= closed.value ? open : closed;
}
