import { merge } from './merge.ts';
import { kindFields } from './observe.ts';
import { partOf, requiredOf, type Schema } from './schema.ts';
import type { JsonType, ObjectShape, Shape } from './shape.ts';
import { support } from './support.ts';

/**
 * What is stated of the kinds of an object that a field tells apart (`type`, `event`, …), where their shapes differ
 * strongly: one condition a kind. A kind that was not seen yet stays allowed.
 */
export function conditionsOf(object: ObjectShape): Schema {
  const base = Object.fromEntries(
    [...(object.fields ?? [])].map(([name, { shape }]) => [name, partOf(shape, object.samples, name)]),
  );
  const found = kindsOf(object);
  if (found === null) return {};
  const already = new Set(requiredOf(object));
  const conditions = found.kinds.flatMap(([kind, each]) => {
    const required = requiredOf(each).filter((name) => !already.has(name));
    const narrower = [...(each.fields ?? [])]
      .map(([name, { shape }]) => [name, partOf(shape, each.samples, name)] as const)
      .filter(([name, part]) => isNarrower(part, base[name]));
    if (required.length === 0 && narrower.length === 0) return [];
    const then = {
      ...(required.length === 0 ? {} : { required }),
      ...(narrower.length === 0 ? {} : { properties: Object.fromEntries(narrower) }),
    };
    const when = { properties: { [found.field]: { const: kind } }, required: [found.field] };
    return [{ if: when, then, 'x-signalbox-evidence': { seen: each.samples, of: object.samples } }];
  });
  return conditions.length === 0 ? {} : { allOf: conditions };
}

interface Kinds {
  readonly field: string;
  readonly kinds: readonly (readonly [string, ObjectShape])[];
}

/** The field that tells kinds apart, with those of which enough was seen; null: no field does. */
function kindsOf({ variants, fields, samples }: ObjectShape): Kinds | null {
  for (const field of kindFields) {
    const all = variants?.get(field);
    if (!all || fields?.get(field)?.always !== samples) continue;
    const kinds = [...all].filter(([, { samples: seen }]) => seen >= support.variant);
    if (
      kinds.length >= 2 &&
      meanDistance(kinds.map(([, each]) => signature(each))) >= support.variantDiffers
    ) {
      return { field, kinds: kinds.sort(([a], [b]) => (a < b ? -1 : 1)) };
    }
  }
  return null;
}

/** Whether the names of an object are data though each of them could be a name: many, and none of them usual. */
export function namesAreData({ fields, samples }: ObjectShape): boolean {
  if (fields === null) return true;
  if (fields.size < support.mapNames) return false;
  const all = [...fields.values()];
  if (all.some(({ shape }) => shape.samples > samples * support.mapPresence)) return false;
  const [first, ...rest] = all.map(({ shape }) => typesOf(shape));
  return rest.every((types) => types === first);
}

/** All values of an object together. */
export function valuesOf({ fields, others }: ObjectShape): Shape | null {
  const shapes = [...(fields?.values() ?? [])].map(({ shape }) => shape);
  const all = others === null ? shapes : [others, ...shapes];
  return all.length === 0 ? null : all.reduce(merge);
}

function typesOf({ types }: Shape): string {
  return (Object.keys(types) as JsonType[])
    .filter((type) => type !== 'null')
    .sort()
    .join();
}

/** The fields that every object of a kind has, with their types, three levels down. */
function signature(object: ObjectShape, path = '', depth = 3): Set<string> {
  const parts = new Set<string>();
  for (const [name, { always, shape }] of object.fields ?? []) {
    if (always < object.samples) continue;
    const at = `${path}/${name}`;
    parts.add(`${at} ${typesOf(shape)}`);
    if (shape.object !== null && depth > 1) {
      for (const part of signature(shape.object, at, depth - 1)) parts.add(part);
    }
  }
  return parts;
}

/** 0: all alike; 1: nothing in common (Jaccard). */
function meanDistance(sets: readonly ReadonlySet<string>[]): number {
  const distances = sets.flatMap((a, index) =>
    sets.slice(index + 1).map((b) => {
      const common = [...a].filter((part) => b.has(part)).length;
      const all = a.size + b.size - common;
      return all === 0 ? 0 : 1 - common / all;
    }),
  );
  return distances.reduce((sum, each) => sum + each, 0) / distances.length;
}

/** Whether a part states something that the part of all kinds together does not. */
function isNarrower(part: Schema, base: Schema | undefined): boolean {
  if (base === undefined) return true;
  if (namesIn(part.type).size > 0 && namesIn(part.type).size < namesIn(base.type).size) return true;
  if (['format', 'enum', 'pattern'].some((keyword) => keyword in part && !(keyword in base))) return true;
  const required = new Set(namesIn(base.required));
  if ([...namesIn(part.required)].some((name) => !required.has(name))) return true;
  const inner = membersOf(part.properties);
  return Object.keys(inner).some((name) =>
    isNarrower(membersOf(inner[name]), membersOf(membersOf(base.properties)[name])),
  );
}

function namesIn(value: unknown): Set<unknown> {
  return new Set(value === undefined ? [] : [value].flat());
}

function membersOf(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? (value as Schema) : {};
}
