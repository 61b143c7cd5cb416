import { escapeToken, resolveReference } from '../../contract/pointer.ts';
import { limits } from '../../limits.ts';
import { isMapping } from '../place.ts';
import { pseudonyms } from './pseudonym.ts';

/** A value with its personal parts replaced. */
export interface Redaction {
  readonly value: unknown;
  /** JSON pointers of what was replaced. */
  readonly replaced: readonly string[];
  /** JSON pointers of what had to stay, as the decision depends on it. */
  readonly kept: readonly string[];
}

/**
 * Replaces every text of a value, and every whole number that is long enough to be somebody's, but what `same` depends
 * on: it is asked whether a redacted value still comes to the same. Values that the schema lists (`enum`, `const`), truth
 * values, times and short numbers stay. Pure; bounded by limits.redactedValuesMax.
 */
export function redact(value: unknown, schema: unknown, same: (redacted: unknown) => boolean): Redaction {
  const standIns = standInsFor(value, schema);
  const pointers = [...standIns.keys()];
  const all = replaced(value, standIns, new Set(), '');
  if (same(all)) return { value: all, replaced: pointers, kept: [] };
  // One after the other: what can be replaced beside what has been is; the rest is what the decision reads.
  const kept = new Set(pointers);
  for (const pointer of pointers.slice(0, limits.redactedValuesMax)) {
    kept.delete(pointer);
    if (!same(replaced(value, standIns, kept, ''))) kept.add(pointer);
  }
  return {
    value: replaced(value, standIns, kept, ''),
    replaced: pointers.filter((pointer) => !kept.has(pointer)),
    kept: [...kept],
  };
}

/** What each replaceable value would be, by its pointer; in the order of the value. */
function standInsFor(value: unknown, schema: unknown): ReadonlyMap<string, unknown> {
  const standIn = pseudonyms();
  const found = new Map<string, unknown>();
  const visit = (part: unknown, pointer: string, schemas: readonly unknown[]): void => {
    if (Array.isArray(part)) {
      for (const [index, element] of part.entries()) {
        visit(
          element,
          `${pointer}/${index}`,
          schemas.flatMap((each) => formsOf(schema, elementOf(each, index))),
        );
      }
    } else if (isMapping(part)) {
      for (const [key, member] of Object.entries(part)) {
        visit(
          member,
          `${pointer}/${escapeToken(key)}`,
          schemas.flatMap((each) => formsOf(schema, memberOf(each, key))),
        );
      }
    } else if (!schemas.some(isListed)) {
      const other = otherFor(part, standIn);
      if (other !== part) found.set(pointer, other);
    }
  };
  visit(value, '', formsOf(schema, schema));
  return found;
}

/** Seven digits and more may be a phone number, an account, a person's number. */
const personalNumberMin = 1_000_000;

function otherFor(value: unknown, standIn: (text: string) => string): unknown {
  if (typeof value === 'string') return standIn(value);
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return value;
  return Math.abs(value) < personalNumberMin
    ? value
    : Math.sign(value) * Number(standIn(String(Math.abs(value))));
}

function replaced(
  value: unknown,
  standIns: ReadonlyMap<string, unknown>,
  kept: ReadonlySet<string>,
  pointer: string,
): unknown {
  if (Array.isArray(value)) {
    return value.map((element, index) => replaced(element, standIns, kept, `${pointer}/${index}`));
  }
  if (isMapping(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        replaced(member, standIns, kept, `${pointer}/${escapeToken(key)}`),
      ]),
    );
  }
  return standIns.has(pointer) && !kept.has(pointer) ? standIns.get(pointer) : value;
}

const referencesMax = 20;

/** A schema with those it refers to or chooses between: any of them may be what speaks of the value. */
function formsOf(root: unknown, schema: unknown, depth = 0): readonly unknown[] {
  if (!isMapping(schema) || depth > referencesMax) return [];
  const further = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  if (typeof schema.$ref === 'string') further.push(resolveReference(root, schema.$ref));
  return [schema, ...further.flatMap((each) => formsOf(root, each, depth + 1))];
}

function memberOf(schema: unknown, key: string): unknown {
  if (!isMapping(schema)) return undefined;
  const { properties, additionalProperties } = schema;
  return isMapping(properties) && Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
}

function elementOf(schema: unknown, index: number): unknown {
  if (!isMapping(schema)) return undefined;
  const { prefixItems, items } = schema;
  const listed = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
  return listed[index] ?? (Array.isArray(items) ? undefined : items);
}

/** Its values are written in the contract: they say nothing of a person. */
function isListed(schema: unknown): boolean {
  return isMapping(schema) && (Array.isArray(schema.enum) || schema.const !== undefined);
}
