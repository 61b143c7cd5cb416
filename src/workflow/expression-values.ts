import {
  type CelInput,
  type CelValue,
  celEnv,
  celList,
  celMap,
  isCelList,
  isCelMap,
  isCelType,
  isCelUint,
} from '@bufbuild/cel';
import { spend } from './expression-meter.ts';

/** The lists that one evaluation has met: a loop that reads one at every turn must not copy it at every turn. */
interface Lists {
  met: Map<readonly unknown[], CelInput> | null;
}

/** A JSON object as a map: its own members only, whatever they are called. */
class JsonMap implements ReadonlyMap<string, CelInput> {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #lists: Lists;

  constructor(object: Readonly<Record<string, unknown>>, lists: Lists) {
    this.#object = object;
    this.#lists = lists;
  }

  get size(): number {
    return Object.keys(this.#object).length;
  }

  get(key: string): CelInput | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#object[key];
    return value === undefined ? undefined : toCel(value, this.#lists);
  }

  has(key: string): boolean {
    return typeof key === 'string' && Object.hasOwn(this.#object, key);
  }

  *entries(): MapIterator<[string, CelInput]> {
    for (const key of this.keys()) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  keys(): MapIterator<string> {
    return Object.keys(this.#object).values();
  }

  *values(): MapIterator<CelInput> {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(each: (value: CelInput, key: string, map: ReadonlyMap<string, CelInput>) => void): void {
    for (const [key, value] of this.entries()) each(value, key, this);
  }

  [Symbol.iterator](): MapIterator<[string, CelInput]> {
    return this.entries();
  }
}

/** The variables of a scope that an expression names, as CEL sees them; only what it reaches is wrapped. */
export function scopeValues(
  scope: Readonly<Record<string, unknown>>,
  names: Iterable<string>,
): Record<string, CelInput> {
  const lists: Lists = { met: null };
  const values: Record<string, CelInput> = {};
  for (const name of names) {
    const value = Object.hasOwn(scope, name) ? scope[name] : undefined;
    if (value !== undefined) values[name] = toCel(value, lists);
  }
  return values;
}

function toCel(value: unknown, lists: Lists): CelInput {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return value;
    case 'object':
      if (value === null) return null;
      if (Array.isArray(value)) return toCelList(value, lists);
      return celMap(new JsonMap(value as Readonly<Record<string, unknown>>, lists));
    default:
      throw new Error(`a ${typeof value} is no JSON value`);
  }
}

function toCelList(array: readonly unknown[], lists: Lists): CelInput {
  lists.met ??= new Map();
  const known = lists.met.get(array);
  if (known !== undefined) return known;
  const made = celList(array.map((element) => toCel(element, lists)));
  lists.met.set(array, made);
  return made;
}

/** The JSON of a CEL value; paid for, as a loop may have made much out of little. Throws where there is none. */
export function fromCel(value: CelValue): unknown {
  switch (typeof value) {
    case 'string':
      spend(1 + (value.length >> 4));
      return value;
    case 'boolean':
      return value;
    case 'number':
      return finite(value);
    case 'bigint':
      return safe(value);
    default:
      spend(1);
      return fromCelObject(value);
  }
}

function fromCelObject(value: Exclude<CelValue, string | boolean | number | bigint>): unknown {
  if (value === null) return null;
  if (isCelList(value)) return Array.from(value, fromCel);
  // fromEntries defines members, it does not assign them: `__proto__` stays a name.
  if (isCelMap(value))
    return Object.fromEntries(Array.from(value, ([key, each]) => [keyText(key), fromCel(each)]));
  if (isCelUint(value)) return safe(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isCelType(value)) return value.name;
  const text = asText?.call(0, undefined, [value]);
  if (typeof text !== 'string') throw new Error('The result has no JSON form');
  return text;
}

/** CEL's own `string()`: RFC 3339 of a timestamp, seconds of a duration. */
const asText = celEnv().funcs.find('string');

function keyText(key: unknown): string {
  return isCelUint(key) ? String(key.value) : String(key);
}

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error(`${value} is too large for a number in JSON`);
  return number;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`The result is ${value}, which is no number in JSON`);
  return value;
}
