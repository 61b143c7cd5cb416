import { resolveReference } from '../../contract/pointer.ts';
import { limits } from '../../limits.ts';
import { anyJson, anything, type Domain, intersected, united } from './domain.ts';
import { domainOfKeywords, isSchema, membersOf, type Schema } from './shape-keywords.ts';

/** What a contract says of a value and its parts. */
export interface Shape {
  readonly domain: Domain;
  member(name: string): Member;
  /** Of every element of a list. */
  readonly element: Shape;
  /** The members that the schema itself names. */
  readonly names: readonly string[];
  /** Whether members may come that it does not name. */
  readonly open: boolean;
}

export interface Member {
  /**
   * `always`: required. `maybe`: named, and surely not required. `never`: not admitted.
   * `unsure`: not named, or only required under a condition; nothing is reported of it.
   */
  readonly presence: 'always' | 'maybe' | 'never' | 'unsure';
  readonly shape: Shape;
}

/** The names that expressions read of a value, as a tree. */
export interface Reads {
  readonly members: ReadonlyMap<string, Reads>;
}

/** Nothing is known of it. */
export const unknownShape: Shape = {
  domain: anyJson,
  member: () => ({ presence: 'unsure', shape: unknownShape }),
  get element() {
    return unknownShape;
  },
  names: [],
  open: true,
};

/** What a schema admits, its alternatives laid together. `$ref`s are resolved within it. */
export function shapeOf(schema: unknown): Shape {
  return shape(
    conjunctionOf([schema], { root: schema, conditional: new Set(), within: [], known: new Map() }),
  );
}

/**
 * The alternatives that a schema leaves (`oneOf`, `anyOf`) as shapes of their own, as far as they differ in what is
 * read; at most limits.analysisWorldsMax, or else they are laid together. A value fits at least one of them.
 */
export function worldsOf(schema: unknown, reads: Reads): readonly Shape[] {
  const conjunction = conjunctionOf([schema], {
    root: schema,
    conditional: new Set(),
    within: [],
    known: new Map(),
  });
  return variants(conjunction, reads).map((variant) => variant.shape);
}

interface Context {
  readonly root: unknown;
  /** Names that some condition of the schema may require. */
  readonly conditional: ReadonlySet<string>;
  /** The schemas that this is an alternative of. */
  readonly within: readonly Schema[];
  /** Schemas that were told apart, by number. */
  readonly known: Map<Schema, number>;
}

/** All that holds of a value at once, and the lists of which one entry holds besides. */
interface Conjunction {
  readonly parts: readonly Schema[];
  readonly choices: readonly (readonly unknown[])[];
  readonly context: Context;
}

/** References and combinations are followed this deep; beyond it anything goes. */
const depthMax = 24;

function conjunctionOf(schemas: readonly unknown[], context: Context): Conjunction {
  const parts: Schema[] = [];
  const choices: (readonly unknown[])[] = [];
  const include = (schema: unknown, depth: number): void => {
    if (schema === false) parts.push({ enum: [] });
    if (!isSchema(schema) || depth > depthMax || parts.includes(schema)) return;
    parts.push(schema);
    if (typeof schema.$ref === 'string') include(resolveReference(context.root, schema.$ref), depth + 1);
    if (Array.isArray(schema.allOf)) for (const each of schema.allOf) include(each, depth + 1);
    for (const list of [schema.anyOf, schema.oneOf]) if (Array.isArray(list)) choices.push(list);
  };
  for (const schema of schemas) include(schema, 0);
  const conditional = new Set([...context.conditional, ...parts.flatMap(conditionalNames)]);
  return { parts, choices, context: { ...context, conditional } };
}

function shape(conjunction: Conjunction): Shape {
  const { parts, context } = conjunction;
  let domain: Domain | null = null;
  return {
    get domain() {
      domain ??= domainOf(conjunction);
      return domain;
    },
    member: (name) => ({
      presence: presenceOf(conjunction, name),
      shape: shape(conjunctionOf(memberSchemas(conjunction, name), inside(context))),
    }),
    get element() {
      return shape(conjunctionOf(elementSchemas(conjunction), inside(context)));
    },
    get names() {
      return namesOf(conjunction);
    },
    get open() {
      return !parts.some((part) => isClosedTo(part, ''));
    },
  };
}

/** The alternatives of each choice, as far as they are followed. */
function alternativesOf({ parts, choices, context }: Conjunction): Conjunction[][] {
  if (choices.length === 0 || isTooDeep({ parts, choices, context })) return [];
  const inner = { ...context, within: [...context.within, ...parts] };
  return choices.map((choice) => choice.map((schema) => conjunctionOf([schema], inner)));
}

/** Alternatives that stand within themselves, or too deep in each other. */
function isTooDeep({ parts, choices, context: { within } }: Conjunction): boolean {
  return choices.length > 0 && (within.length > depthMax || parts.some((part) => within.includes(part)));
}

/** Parts of a value are looked at one by one, as far as an expression reads. */
function inside(context: Context): Context {
  return { ...context, within: [] };
}

function namesOf({ parts }: Conjunction): string[] {
  const required = parts.flatMap((part) => (Array.isArray(part.required) ? part.required.map(String) : []));
  return [...new Set([...required, ...parts.flatMap((part) => Object.keys(membersOf(part.properties)))])];
}

function domainOf(conjunction: Conjunction): Domain {
  const own = conjunction.parts.reduce(
    (domain, part) => intersected(domain, domainOfKeywords(part)),
    anyJson,
  );
  return alternativesOf(conjunction).reduce(
    (domain, choice) => intersected(domain, choice.map(domainOf).reduce(united, noValue)),
    own,
  );
}

const noValue: Domain = { ...anything, kinds: new Set(), values: [] };

function presenceOf(conjunction: Conjunction, name: string): Member['presence'] {
  const { parts, context } = conjunction;
  if (parts.some(({ required }) => Array.isArray(required) && required.includes(name))) return 'always';
  const declared = parts.filter(({ properties }) => Object.hasOwn(membersOf(properties), name));
  if (declared.some(({ properties }) => membersOf(properties)[name] === false)) return 'never';
  if (parts.some((part) => isClosedTo(part, name))) return 'never';
  if (context.conditional.has(name) || isTooDeep(conjunction)) return 'unsure';
  const alternatives = alternativesOf(conjunction).map((choice) =>
    choice.map((each) => presenceOf(each, name)),
  );
  if (alternatives.some((list) => list.every((each) => each === 'always'))) return 'always';
  if (alternatives.some((list) => list.some((each) => each !== 'unsure'))) return 'unsure';
  return declared.length > 0 ? 'maybe' : 'unsure';
}

function isClosedTo(part: Schema, name: string): boolean {
  return (
    part.additionalProperties === false &&
    !Object.hasOwn(membersOf(part.properties), name) &&
    Object.keys(membersOf(part.patternProperties)).length === 0
  );
}

/** What holds of a member: in every part, and of each choice in one of its alternatives. */
function memberSchemas(conjunction: Conjunction, name: string): unknown[] {
  const own = conjunction.parts.flatMap((part) => {
    const properties = membersOf(part.properties);
    if (Object.hasOwn(properties, name)) return [properties[name]];
    const patterned = Object.keys(membersOf(part.patternProperties)).length > 0;
    return patterned || !isSchema(part.additionalProperties) ? [] : [part.additionalProperties];
  });
  const alternatives = alternativesOf(conjunction).map((choice) => ({
    anyOf: choice.map((each) => ({ allOf: memberSchemas(each, name) })),
  }));
  return [...own, ...alternatives];
}

function elementSchemas(conjunction: Conjunction): unknown[] {
  const { parts } = conjunction;
  const tuple = parts.some((part) => Array.isArray(part.items) || 'prefixItems' in part);
  const own = tuple ? [] : parts.map((part) => part.items).filter((each) => each !== undefined);
  const alternatives = alternativesOf(conjunction).map((choice) => ({
    anyOf: choice.map((each) => ({ allOf: elementSchemas(each) })),
  }));
  return [...own, ...alternatives];
}

/** Names that stand in a `required` under a condition; whether they are is not followed. */
function conditionalNames(part: Schema): string[] {
  const conditions = [part.if, part.then, part.else, part.not, part.dependentSchemas, part.dependencies];
  return [...conditions.flatMap(requiredAnywhere), ...dependents(part.dependentRequired)];
}

function requiredAnywhere(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((each) => (typeof each === 'string' ? [each] : requiredAnywhere(each)));
  }
  return isSchema(value) ? Object.values(value).flatMap(requiredAnywhere) : [];
}

function dependents(value: unknown): string[] {
  return Object.values(membersOf(value)).flatMap(requiredAnywhere);
}

/** One way in which a value may be, and what tells it from others. */
interface Variant {
  readonly shape: Shape;
  readonly signature: string;
}

function variants(conjunction: Conjunction, reads: Reads): Variant[] {
  const together = () => [described(conjunction, new Map(), reads)];
  const chosen = reads.members.size === 0 ? null : withChoices(conjunction);
  if (chosen === null) return together();
  const found = new Map<string, Variant>();
  for (const one of chosen) {
    let combined: ReadonlyMap<string, Variant>[] = [new Map()];
    for (const [name, inner] of reads.members) {
      const member = conjunctionOf(memberSchemas(one, name), inside(one.context));
      const ways = variants(member, inner);
      combined = combined.flatMap((soFar) => ways.map((way) => new Map(soFar).set(name, way)));
      if (combined.length > limits.analysisWorldsMax) return together();
    }
    for (const members of combined) {
      const variant = described(one, members, reads);
      found.set(variant.signature, variant);
    }
    if (found.size > limits.analysisWorldsMax) return together();
  }
  return [...found.values()];
}

/** Every way to choose among the alternatives that say something of members; null where these are too many. */
function withChoices(conjunction: Conjunction, budget = { left: choicesMax }): Conjunction[] | null {
  budget.left -= 1;
  if (budget.left < 0) return null;
  const alternatives = alternativesOf(conjunction);
  const index = alternatives.findIndex((choice) => choice.some(saysOfMembers));
  if (index === -1) return [conjunction];
  const all: Conjunction[] = [];
  for (const one of alternatives[index] ?? []) {
    const merged = withChoices(
      {
        parts: [...conjunction.parts, ...one.parts],
        choices: [...conjunction.choices.toSpliced(index, 1), ...one.choices],
        context: {
          ...one.context,
          conditional: new Set([...conjunction.context.conditional, ...one.context.conditional]),
        },
      },
      budget,
    );
    if (merged === null) return null;
    all.push(...merged);
  }
  return all;
}

/** Alternatives looked at before their likeness is known. */
const choicesMax = 2_000;

function saysOfMembers(conjunction: Conjunction): boolean {
  const here = conjunction.parts.some((part) =>
    ['properties', 'required', 'additionalProperties', 'patternProperties'].some(
      (keyword) => keyword in part,
    ),
  );
  return here || alternativesOf(conjunction).some((choice) => choice.some(saysOfMembers));
}

/** A shape whose members are chosen already, with a text that is equal where nothing that is read differs. */
function described(conjunction: Conjunction, members: ReadonlyMap<string, Variant>, reads: Reads): Variant {
  const base = shape(conjunction);
  const { domain } = base;
  const told = [...reads.members.keys()].map((name) => [
    name,
    presenceOf(conjunction, name),
    members.get(name)?.signature,
  ]);
  // Of what is in a list nothing is compared: two lists are alike where they have the same schema.
  const lists = domain.kinds.has('list') ? conjunction.parts.map(identityIn(conjunction.context.known)) : [];
  const signature = JSON.stringify([{ ...domain, kinds: [...domain.kinds] }, told, lists]);
  const member = (name: string): Member => {
    const own = members.get(name);
    return own === undefined ? base.member(name) : { ...base.member(name), shape: own.shape };
  };
  const shaped: Shape = {
    domain,
    member,
    get element() {
      return base.element;
    },
    names: base.names,
    open: base.open,
  };
  return { shape: shaped, signature };
}

function identityIn(known: Map<Schema, number>): (schema: Schema) => number {
  return (schema) => {
    const number = known.get(schema) ?? known.size;
    known.set(schema, number);
    return number;
  };
}
