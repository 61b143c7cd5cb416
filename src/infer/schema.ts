import { kindFields } from './observe.ts';
import type { JsonType, ListShape, ObjectShape, Shape } from './shape.ts';
import { support } from './support.ts';
import { isSecretName } from './text.ts';
import { statedOfNumbers, statedOfTexts } from './values.ts';
import { conditionsOf, namesAreData, valuesOf } from './variants.ts';

export type Schema = Readonly<Record<string, unknown>>;

/**
 * The contract (JSON Schema 2020-12) that payloads of this shape keep to: every payload that was observed satisfies it,
 * and it states no more than they bear out (support.ts). Each part says in `x-signalbox-evidence` how often it was seen.
 * `title`: what the payloads are.
 */
export function schemaOf(shape: Shape, title: string): Schema {
  const payloads = shape.samples === 1 ? 'one payload' : `${shape.samples} payloads`;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    $comment: `Inferred by \`signalbox infer\` from ${payloads}. x-signalbox-evidence: in how many of those that could have it, each part was seen.`,
    ...partOf(shape, shape.samples, null),
  };
}

/** One part of the contract. `of`: payloads in which it could have occurred; `name`: the field it stands in; null: it is the whole. */
export function partOf(shape: Shape, of: number, name: string | null): Schema {
  const { evidence: fromTexts = {}, ...texts } = statedOfTexts(shape, name ?? '');
  const { evidence: fromNumbers = {}, ...numbers } = statedOfNumbers(shape, name ?? '');
  return {
    ...typeOf(shape, name === null),
    ...texts,
    ...numbers,
    ...(shape.list === null ? {} : listKeywords(shape.list)),
    ...(shape.object === null ? {} : objectKeywords(shape.object)),
    ...(isSecretName(name ?? '') ? { 'x-redact': true } : {}),
    'x-signalbox-evidence': {
      seen: shape.samples,
      of,
      ...(Object.keys(shape.types).length > 1 ? { types: shape.types } : {}),
      ...fromTexts,
      ...fromNumbers,
    },
  };
}

/** `type`, where something but null was seen. What is null as a whole would be no payload. */
function typeOf({ types, samples, number }: Shape, whole: boolean): Schema {
  const seen = (Object.keys(types) as JsonType[]).filter((type) => type !== 'null');
  if (seen.length === 0) return {};
  const names = seen.map((type) =>
    type === 'number' && isWhole(types.number, number?.whole) ? 'integer' : type,
  );
  const nullable = types.null !== undefined || (samples < support.notNull && !whole);
  const all = nullable ? [...names, 'null'] : names;
  return { type: all.length === 1 ? all[0] : all };
}

function isWhole(numbers: number | undefined, whole: number | undefined): boolean {
  return numbers !== undefined && numbers >= support.whole && whole === numbers;
}

function listKeywords({ of }: ListShape): Schema {
  return of === null ? {} : { items: partOf(of, of.samples, '') };
}

function objectKeywords(object: ObjectShape): Schema {
  const { fields, others, opaque } = object;
  if (opaque) return {};
  if (fields === null || namesAreData(object)) return mapKeywords(valuesOf(object));
  const required = requiredOf(object);
  return {
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(
      [...fields].map(([name, { shape }]) => [name, partOf(shape, object.samples, name)]),
    ),
    // Beside names, what stands under keys that are data says nothing of a name that is new.
    ...(fields.size === 0 && others !== null ? mapKeywords(others) : {}),
    ...conditionsOf(object),
  };
}

/** An object whose keys are data. */
function mapKeywords(values: Shape | null): Schema {
  return { additionalProperties: values === null || partOf(values, values.samples, '') };
}

/** Fields that stood in every object of enough payloads. */
export function requiredOf({ samples, fields }: ObjectShape): string[] {
  return [...(fields ?? [])]
    .filter(([name, { always }]) => always === samples && samples >= enoughFor(name))
    .map(([name]) => name);
}

function enoughFor(name: string): number {
  return name === 'id' || kindFields.some((field) => field === name)
    ? support.requiredOfKey
    : support.required;
}
