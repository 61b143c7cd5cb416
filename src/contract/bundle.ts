import { ContractError } from './contract-error.ts';
import type { Dialect } from './dialect.ts';
import { resolvedDiscriminator } from './discriminator.ts';
import { type Direction, oneSidedMembers, type Schema, translated } from './openapi-schema.ts';
import { embeddedSchema, escapeToken, pointerOf, resolvePointer } from './pointer.ts';

/** One schema out of a document, standing by itself. */
export interface Bundle {
  readonly schema: unknown;
  /** The document's pointer for a pointer into the bundle. */
  origin(pointer: string): string;
  /** Parts of an API document that lead nowhere, and so accept anything. */
  readonly gaps: readonly ContractError[];
}

/** A schema may be nested this deep in another. */
const depthMax = 200;

/**
 * Takes the schema at a pointer out of its document, with what it refers to, and only that, under `$defs`.
 * Schemas of OpenAPI 3.0 and Swagger 2.0 become JSON Schema 2020-12. A `$ref` that leads nowhere or out of the
 * document is a gap in an API document, which is its vendor's; elsewhere it throws ContractError.
 */
export function bundled(
  document: unknown,
  pointer: string,
  dialect: Dialect,
  direction: Direction = null,
): Bundle {
  const names = new Map<string, string>();
  const waiting: string[] = [];
  const nameOf = (target: string): string => {
    const known = names.get(target);
    if (known !== undefined) return known;
    const base = target.slice(target.lastIndexOf('/') + 1).replaceAll(/[^\w.-]/g, '_') || 'root';
    const taken = new Set(names.values());
    let name = base;
    for (let count = 2; taken.has(name); count += 1) name = `${base}_${count}`;
    names.set(target, name);
    waiting.push(target);
    return name;
  };
  const gaps: ContractError[] = [];
  const reference = (ref: string, at: string) => {
    try {
      return `#/$defs/${escapeToken(nameOf(targetOf(document, ref, at)))}`;
    } catch (error) {
      if (dialect.openapi === null || !(error instanceof ContractError)) throw error;
      gaps.push(error);
      return null;
    }
  };
  const copy = (at: string) =>
    copied(resolvePointer(document, at), {
      document,
      at,
      depth: 0,
      dialect,
      direction,
      reference,
      oneSided: [],
    });
  const root = copy(pointer);
  const definitions: [string, unknown][] = [];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    definitions.push([nameOf(next), copy(next)]);
  }
  const origins = new Map([...names].map(([target, name]) => [`/$defs/${escapeToken(name)}`, target]));
  const schema =
    isSchema(root) && definitions.length > 0 ? { ...root, $defs: Object.fromEntries(definitions) } : root;
  return {
    schema,
    gaps,
    origin(path) {
      const [start = ''] = /^\/\$defs\/[^/]*/.exec(path) ?? [];
      return (origins.get(start) ?? pointer) + path.slice(start.length);
    },
  };
}

function targetOf(document: unknown, ref: string, at: string): string {
  const local = ref.startsWith('#') ? pointerOf(ref) : null;
  const target = local ?? embeddedSchema(document, ref);
  if (target === null && !ref.startsWith('#')) {
    throw new ContractError(`$ref ${ref} leads to another document: copy that schema into this one`, at);
  }
  if (target === null || resolvePointer(document, target) === undefined) {
    throw new ContractError(`$ref ${ref} leads nowhere`, at);
  }
  return target;
}

interface Copying {
  readonly document: unknown;
  readonly at: string;
  readonly depth: number;
  readonly dialect: Dialect;
  readonly direction: Direction;
  readonly reference: (ref: string, at: string) => string | null;
  /** Members that what this is a part of marks as not of this direction. */
  readonly oneSided: readonly string[];
}

const one = new Set(
  [
    [
      'items',
      'additionalItems',
      'additionalProperties',
      'contains',
      'not',
      'if',
      'then',
      'else',
      'propertyNames',
    ],
    ['unevaluatedItems', 'unevaluatedProperties', 'contentSchema'],
  ].flat(),
);
const many = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items']);
const named = new Set(['properties', 'patternProperties', 'dependentSchemas', 'dependencies']);
/** What a bundle has once, at its root, what would give a part of it another base, and data that may look as if it did. */
const dropped = new Set([
  'example',
  'examples',
  '$id',
  'id',
  '$anchor',
  '$dynamicAnchor',
  '$recursiveAnchor',
  '$defs',
  'definitions',
]);
const references = new Set(['$ref', '$dynamicRef', '$recursiveRef']);

/** A schema, copied keyword by keyword; `enum`, `const` and unknown keywords are data and stay. */
function copied(schema: unknown, context: Copying): unknown {
  if (!isSchema(schema)) return schema;
  if (context.depth > depthMax) throw new ContractError('The schema is nested too deeply', context.at);
  const oneSided = oneSidedOf(schema, context);
  const inner = (value: unknown, ...tokens: string[]) => {
    const at = [context.at, ...tokens.map(escapeToken)].join('/');
    const depth = context.depth + 1;
    return copied(value, { ...context, at, depth, oneSided: tokens[0] === 'allOf' ? oneSided : [] });
  };
  const members: [string, unknown][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (dropped.has(keyword) && (keyword !== 'id' || typeof value === 'string')) continue;
    if (references.has(keyword) && typeof value === 'string') {
      const reference = context.reference(value, `${context.at}/${keyword}`);
      if (reference !== null) members.push(['$ref', reference]);
    } else if (keyword === 'required' && Array.isArray(value)) {
      members.push([keyword, value.filter((name) => !oneSided.includes(String(name)))]);
    } else if (keyword === 'discriminator') {
      const discriminator = resolvedDiscriminator(schema);
      if (discriminator !== null) members.push([keyword, discriminator]);
    } else if (many.has(keyword) && Array.isArray(value)) {
      members.push([keyword, value.map((each, index) => inner(each, keyword, String(index)))]);
    } else if (named.has(keyword) && isSchema(value)) {
      const parts = Object.entries(value).map(([name, each]) => [name, inner(each, keyword, name)] as const);
      members.push([keyword, Object.fromEntries(parts)]);
    } else {
      members.push([keyword, one.has(keyword) ? inner(value, keyword) : value]);
    }
  }
  return translated(Object.fromEntries(members), context.dialect);
}

/** Only what demands members, or hands on which ones, has to know them. */
function oneSidedOf(schema: Schema, { document, dialect, direction, oneSided }: Copying): readonly string[] {
  if (dialect.openapi === null || direction === null) return [];
  if (!Array.isArray(schema.required) && !Array.isArray(schema.allOf)) return [];
  return [...oneSided, ...oneSidedMembers(document, schema, direction)];
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
