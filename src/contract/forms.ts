import type { ErrorObject } from 'ajv';
import { isObject, judging, type Members, memberSchemas } from './subschemas.ts';

/** Judges a value by one form of a choice; null where that cannot be done by itself. */
export type JudgeForm = (form: object, value: unknown) => readonly ErrorObject[] | null;

/** Forms that are tried, where nothing in the value tells which was meant. */
const triedMax = 4;
const nestingMax = 5;
/** Of a value that breaks more than this, the rest is told as the validator has it. */
const choicesMax = 20;
const errorsMax = 2_000;

/**
 * Where a value fits none of the forms of `oneOf` or `anyOf`, the validator tells what every form lacks. This keeps
 * what the form lacks that was meant: the one that a discriminator names, that a fixed member (`type: "card"`) or the
 * kind of the value tells, or else the one that lacks the least. Pure.
 */
export function meantErrors(
  root: unknown,
  errors: readonly ErrorObject[],
  judge: JudgeForm,
  nesting = 0,
): readonly ErrorObject[] {
  if (nesting > nestingMax || errors.length > errorsMax) return errors;
  const told: (readonly ErrorObject[])[] = [];
  let rest = errors;
  for (let count = 0; count < choicesMax; count += 1) {
    const at = rest.findLastIndex(isChoice);
    const choice = rest[at];
    if (choice === undefined) break;
    const inner = meant(root, choice, judge);
    told.push(rest.slice(at + 1), inner === null ? [choice] : meantErrors(root, inner, judge, nesting + 1));
    rest = rest.slice(0, at).filter((error) => !isWithin(error, choice));
  }
  return [...rest, ...told.reverse().flat()];
}

function isChoice({ keyword, params, schema }: ErrorObject): boolean {
  return (
    Array.isArray(schema) && (keyword === 'anyOf' || (keyword === 'oneOf' && params.passingSchemas === null))
  );
}

/** Errors of the forms come before that of the choice; what the schema beside it demands is not theirs. */
function isWithin({ instancePath, schemaPath }: ErrorObject, choice: ErrorObject): boolean {
  const { instancePath: place, schemaPath: path } = choice;
  if (instancePath !== place && !instancePath.startsWith(`${place}/`)) return false;
  const beside = path.slice(0, path.lastIndexOf('/') + 1);
  const isBeside = schemaPath.startsWith(beside) && !schemaPath.startsWith(`${beside}$defs/`);
  return schemaPath.startsWith(`${path}/`) || !isBeside;
}

/** What the form lacks that was meant; null where that cannot be told. */
function meant(root: unknown, choice: ErrorObject, judge: JudgeForm): readonly ErrorObject[] | null {
  const { data, instancePath } = choice;
  const forms: readonly unknown[] = Array.isArray(choice.schema) ? choice.schema : [];
  const named = formNamed(choice, forms);
  if (named !== null && 'allowed' in named) return [enumError(choice, named.property, named.allowed)];
  const facts = (named === null ? forms : [named.form]).filter(isObject).map((form) => factsOf(root, form));
  const kind = kindOf(data);
  const ofKind = facts.filter(({ kinds }) => kinds === null || kinds.includes(kind) || isWhole(kinds, data));
  if (ofKind.length === 0) return [typeError(choice, facts)];
  const agreeing = ofKind.filter(({ tags }) => agree(tags, data));
  if (agreeing.length === 0) {
    const property = sharedTag(
      ofKind.map(({ tags }) => tags),
      data,
    );
    if (property === null) return null;
    const allowed = ofKind.flatMap(({ tags }) => tags.get(property) ?? []);
    return [enumError(choice, property, [...new Set(allowed)])];
  }
  if (agreeing.length > triedMax) return null;
  const tried = agreeing.map(({ form }) => judge(form, data)).filter((errors) => errors !== null);
  const [best, next] = tried.sort((a, b) => a.length - b.length);
  if (best === undefined || best.length === 0 || best.length === next?.length) return null;
  return best.map((error) => ({ ...error, instancePath: instancePath + error.instancePath }));
}

/** The form that the discriminator names by the value's own word, or the words that it knows. */
function formNamed(
  { data, parentSchema }: ErrorObject,
  forms: readonly unknown[],
): { readonly form: unknown } | { readonly property: string; readonly allowed: readonly string[] } | null {
  const discriminator = isObject(parentSchema) ? parentSchema.discriminator : undefined;
  if (!isObject(discriminator) || !isObject(discriminator.forms) || !isObject(data)) return null;
  const property = String(discriminator.propertyName);
  const word = Object.hasOwn(data, property) ? data[property] : undefined;
  if (typeof word !== 'string') return null;
  const index = Object.hasOwn(discriminator.forms, word) ? discriminator.forms[word] : undefined;
  if (typeof index === 'number') return { form: forms[index] };
  return { property, allowed: Object.keys(discriminator.forms) };
}

interface Facts {
  readonly form: object;
  /** JSON types that it allows; null: any. */
  readonly kinds: readonly string[] | null;
  /** Members with fixed values. */
  readonly tags: ReadonlyMap<string, readonly unknown[]>;
}

function factsOf(root: unknown, form: Members): Facts {
  const parts = judging(root, { ...form, anyOf: undefined, oneOf: undefined });
  const kinds = parts.flatMap(({ type }) => (type === undefined ? [] : [type].flat().map(String)));
  const tags = new Map<string, readonly unknown[]>();
  for (const { properties } of parts) {
    for (const name of isObject(properties) ? Object.keys(properties) : []) {
      const fixed = parts
        .flatMap((part) => memberSchemas(part, name))
        .flatMap((schema) => judging(root, schema))
        .flatMap(fixedValues);
      if (fixed.length > 0) tags.set(name, fixed);
    }
  }
  return { form, kinds: kinds.length === 0 ? null : kinds, tags };
}

function fixedValues(schema: Members): unknown[] {
  if (Object.hasOwn(schema, 'const')) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum : [];
}

function agree(tags: Facts['tags'], data: unknown): boolean {
  return [...tags].every(
    ([name, values]) => !isObject(data) || !Object.hasOwn(data, name) || values.includes(data[name]),
  );
}

/** The member that every form fixes, and that the value has otherwise. */
function sharedTag(tags: readonly Facts['tags'][], data: unknown): string | null {
  const [first, ...others] = tags;
  if (first === undefined || !isObject(data)) return null;
  const names = [...first.keys()].filter((name) => others.every((each) => each.has(name)));
  const unknown = names.filter(
    (name) => Object.hasOwn(data, name) && !tags.some((each) => each.get(name)?.includes(data[name])),
  );
  return unknown.length === 1 ? (unknown[0] ?? null) : null;
}

function enumError(choice: ErrorObject, property: string, allowedValues: readonly unknown[]): ErrorObject {
  const data: unknown = isObject(choice.data) ? choice.data[property] : undefined;
  const instancePath = `${choice.instancePath}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return { ...choice, keyword: 'enum', instancePath, data, params: { allowedValues }, parentSchema: {} };
}

function typeError(choice: ErrorObject, facts: readonly Facts[]): ErrorObject {
  const type = [...new Set(facts.flatMap(({ kinds }) => kinds ?? []))];
  return { ...choice, keyword: 'type', params: { type }, parentSchema: { type } };
}

function isWhole(kinds: readonly string[], value: unknown): boolean {
  return kinds.includes('integer') && Number.isInteger(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}
