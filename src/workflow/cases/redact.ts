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
 * Replaces every text of a value, every whole number that is long enough to be somebody's, and names of members that are
 * data, but what `same` depends on: it is asked whether a redacted value still comes to the same. Values that the schema
 * lists (`enum`, `const`), truth values, times and short numbers stay. Pure; bounded by limits.redactedValuesMax.
 */
export function redact(value: unknown, schema: unknown, same: (redacted: unknown) => boolean): Redaction {
  const standIns = standInsFor(value, schema);
  const pointers = [...standIns.keys()];
  const all = replaced(value, standIns, new Set(), '');
  if (same(all)) return { value: all, replaced: pointers.map(told), kept: [] };
  // One after the other: what can be replaced beside what has been is; the rest is what the decision reads.
  const kept = new Set(pointers);
  for (const pointer of pointers.slice(0, limits.redactedValuesMax)) {
    kept.delete(pointer);
    if (!same(replaced(value, standIns, kept, ''))) kept.add(pointer);
  }
  return {
    value: replaced(value, standIns, kept, ''),
    replaced: pointers.filter((pointer) => !kept.has(pointer)).map(told),
    kept: [...kept].map(told),
  };
}

/** Marks the pointer of a member as that of its name; no pointer ends so. */
const nameMark = '~name';

function told(pointer: string): string {
  return pointer.endsWith(nameMark) ? `${pointer.slice(0, -nameMark.length)} (its name)` : pointer;
}

/** What each replaceable value, or name of a member, would be, by its pointer; in the order of the value. */
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
        const at = `${pointer}/${escapeToken(key)}`;
        if (isData(key, schemas)) found.set(at + nameMark, standIn(key));
        visit(
          member,
          at,
          schemas.flatMap((each) => formsOf(schema, memberOf(each, key))),
        );
      }
    } else if (!schemas.some((each) => isListed(each, part))) {
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
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) < personalNumberMin)
    return value;
  // Of more digits a number is not exact.
  const digits = BigInt(Math.abs(value)).toString().slice(0, 15);
  return Math.sign(value) * Number(standIn(digits));
}

/** A name that the contract does not list: of a map that it describes, an address, or with as many digits as a phone number. */
function isData(name: string, schemas: readonly unknown[]): boolean {
  const described = schemas.filter(isMapping);
  if (described.some(({ properties }) => isMapping(properties) && Object.hasOwn(properties, name)))
    return false;
  const isMap = described.some(({ additionalProperties }) => isMapping(additionalProperties));
  return isMap || name.includes('@') || name.replaceAll(/\P{N}/gu, '').length >= 7;
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
      Object.entries(value).map(([key, member]) => {
        const at = `${pointer}/${escapeToken(key)}`;
        const name = kept.has(at + nameMark) ? key : (standIns.get(at + nameMark) ?? key);
        return [name, replaced(member, standIns, kept, at)];
      }),
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

/** It is written in the contract: it says nothing of a person. */
function isListed(schema: unknown, value: unknown): boolean {
  if (!isMapping(schema)) return false;
  return schema.const === value || (Array.isArray(schema.enum) && schema.enum.includes(value));
}
