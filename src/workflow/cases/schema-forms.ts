import { resolveReference } from '../../contract/pointer.ts';
import { isMapping } from '../place.ts';

export type Schema = Readonly<Record<string, unknown>>;

/** The schemas that a value may fit instead of this one, each whole by itself; null where there is no choice. Pure. */
export function branchesOf(part: Schema, root: unknown): readonly unknown[] | null {
  const { allOf, anyOf, oneOf, if: condition, then, else: otherwise, ...rest } = part;
  const join = (base: unknown, other: unknown) => merged(base, other, root);
  if (Array.isArray(allOf)) return [allOf.reduce(join, without(part, 'allOf'))];
  const key = Array.isArray(anyOf) ? 'anyOf' : 'oneOf';
  const alternatives = anyOf ?? oneOf;
  if (Array.isArray(alternatives)) return alternatives.map((form) => join(without(part, key), form));
  if (condition === undefined) return null;
  return [join(rest, otherwise ?? true), join(join(rest, condition), then ?? true)];
}

function without(part: Schema, key: string): Schema {
  const { [key]: _, ...rest } = part;
  return rest;
}

/** Both schemas at once, as far as that can be written as one. Pure. */
export function merged(base: unknown, other: unknown, root: unknown): unknown {
  const [one, two] = [resolved(base, root), resolved(other, root)];
  if (!isMapping(one) || !isMapping(two)) return isMapping(one) && two === true ? one : two;
  const both: Record<string, unknown> = { ...one };
  for (const [keyword, value] of Object.entries(two)) {
    both[keyword] = keyword in one ? joined(keyword, one[keyword], value, root) : value;
  }
  return both;
}

const referencesMax = 20;

/** What a schema refers to, with what stands beside the reference. */
function resolved(schema: unknown, root: unknown): unknown {
  let found = schema;
  for (
    let count = 0;
    count < referencesMax && isMapping(found) && typeof found.$ref === 'string';
    count += 1
  ) {
    const { $ref, ...beside } = found;
    const target = resolveReference(root, $ref);
    found = isMapping(target) ? { ...target, ...beside } : target;
  }
  return found;
}

function joined(keyword: string, one: unknown, two: unknown, root: unknown): unknown {
  switch (keyword) {
    case 'properties':
    case 'patternProperties':
      return joinedProperties(one, two, root);
    case 'required':
      return [...new Set([...listOf(one), ...listOf(two)])];
    case 'allOf':
      return [...listOf(one), ...listOf(two)];
    case 'anyOf':
    case 'oneOf':
      // One of each: the second choice is made after the first.
      return listOf(one).map((form) => merged(form, { [keyword]: two }, root));
    case 'enum':
      return listOf(one).filter((each) => listOf(two).includes(each));
    case 'type': {
      const [first, second] = [[one].flat(), [two].flat()];
      const common = first.filter((each) => second.includes(each));
      return common.length === 0 && first.includes('number') && second.includes('integer') ? two : common;
    }
    case 'minimum':
    case 'minLength':
    case 'minItems':
      return Math.max(Number(one), Number(two));
    case 'maximum':
    case 'maxLength':
    case 'maxItems':
      return Math.min(Number(one), Number(two));
    case 'items':
    case 'additionalProperties':
      return isMapping(one) || isMapping(two) ? merged(one, two, root) : one === false ? one : two;
    default:
      return two;
  }
}

function joinedProperties(one: unknown, two: unknown, root: unknown): Schema {
  const all: Record<string, unknown> = { ...mappingOf(one) };
  for (const [name, part] of Object.entries(mappingOf(two))) {
    all[name] = name in all ? merged(all[name], part, root) : part;
  }
  return all;
}

export function mappingOf(value: unknown): Schema {
  return isMapping(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
