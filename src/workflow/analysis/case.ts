import type { Syntax, SyntaxInfo } from '../expression-parse.ts';
import { anything, type Domain, intersected, isEmpty, type Scalar } from './domain.ts';
import type { Shape } from './shape.ts';

/** One way in which the data may be: the contract's alternative, and what conditions have told so far. */
export interface Case {
  /** `payload`, `response`, …: what is known of them from their contracts. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** By the key of a value. */
  readonly known: ReadonlyMap<string, Domain>;
}

/** What a part of an expression yields. */
export type Value =
  | { readonly kind: 'constant'; readonly value: Scalar; readonly whole: boolean }
  | { readonly kind: 'list'; readonly of: readonly Value[]; readonly key: string }
  | Variable;

/** What the data decides. The same key is the same value. */
export interface Variable {
  readonly kind: 'variable';
  readonly key: string;
  readonly domain: Domain;
  /** Where it is read from the data; null: an expression made it. */
  readonly shape: Shape | null;
  /** As a person writes it. */
  readonly written: string;
}

/** Why a part of an expression yields nothing. */
export interface Failure {
  readonly at: Syntax;
  /** `unsure`: it may fail, by something that is not looked into. */
  readonly why: 'missing' | 'null' | 'unsure';
  /** What is missing or null. */
  readonly of: Variable | null;
}

export type Outcome =
  | { readonly given: Case; readonly value: Value; readonly failure?: undefined }
  | { readonly given: Case; readonly failure: Failure; readonly value?: undefined };

/** An expression as it is read. */
export interface Program {
  readonly source: string;
  readonly syntax: Syntax;
  readonly info: SyntaxInfo;
}

export function constant(value: Scalar, whole = false): Value {
  return { kind: 'constant', value, whole };
}

/** Something of which only the name is known. */
export function opaque(key: string, domain: Domain = anything): Variable {
  return { kind: 'variable', key, domain, shape: null, written: key };
}

export function keyOf(value: Value): string {
  if (value.kind !== 'constant') return value.key;
  return `${JSON.stringify(value.value)}${value.whole ? 'i' : ''}`;
}

/** What a variable can be in this case. */
export function domainIn(given: Case, { key, domain }: Variable): Domain {
  const known = given.known.get(key);
  return known === undefined ? domain : intersected(known, domain);
}

/** The case in which a variable is within a domain besides; null where it cannot be. */
export function narrowed(given: Case, variable: Variable, to: Domain): Case | null {
  const domain = intersected(domainIn(given, variable), to);
  if (isEmpty(domain)) return null;
  return { ...given, known: new Map(given.known).set(variable.key, domain) };
}
