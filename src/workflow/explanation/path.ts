import { childrenOf, parsed, type Syntax } from '../expression-parse.ts';

/** A place that an expression reads: `payload.utm.campaign`, `headers["x-shop"]`, `payload.lines[0].price`. */
export interface ReadPath {
  /** As a person would write it. */
  readonly text: string;
  readonly root: string;
  readonly steps: readonly (string | number)[];
  /** It is only asked whether it is there. */
  readonly presence: boolean;
}

/** What stands at a place of a JSON value; undefined where nothing does. Own members only. Pure. */
export function valueAt(value: unknown, steps: ReadPath['steps']): unknown {
  return steps.reduce<unknown>((at, step) => {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    return (at as Readonly<Record<string | number, unknown>>)[step];
  }, value);
}

/** `payload.lines[0].price`. Pure. */
export function pathText(root: string, steps: ReadPath['steps']): string {
  return steps.reduce<string>((text, step) => {
    const plain = typeof step === 'string' && /^[A-Za-z_]\w*$/.test(step);
    return text + (plain ? `.${step}` : `[${JSON.stringify(step)}]`);
  }, root);
}

/** A fixed value in an expression, as JSON. */
export type Literal = string | number | boolean | null;

/** The places that an expression reads, the longest of each, and none of its own loops. Pure. */
export function pathsIn(source: string, roots: ReadonlySet<string>): readonly ReadPath[] {
  const found = new Map<string, ReadPath>();
  collect(parsed(source).expression, roots, found);
  return [...found.values()];
}

/** The fixed values of an expression. Pure. */
export function literalsIn(source: string): readonly Literal[] {
  const found = new Set<Literal>();
  collectLiterals(parsed(source).expression, found);
  return [...found];
}

function collect(syntax: Syntax, roots: ReadonlySet<string>, found: Map<string, ReadPath>): void {
  const path = pathOf(syntax, roots);
  if (path !== null) {
    found.set(path.text, found.get(path.text) ?? path);
    return;
  }
  const inside = locals(syntax, roots);
  for (const child of childrenOf(syntax)) collect(child, inside, found);
}

/** What a loop calls its element hides what has that name outside. */
function locals({ exprKind }: Syntax, roots: ReadonlySet<string>): ReadonlySet<string> {
  if (exprKind.case !== 'comprehensionExpr') return roots;
  const { iterVar, accuVar } = exprKind.value;
  return new Set([...roots].filter((root) => root !== iterVar && root !== accuVar));
}

function pathOf(syntax: Syntax, roots: ReadonlySet<string>): ReadPath | null {
  const { exprKind } = syntax;
  if (exprKind.case === 'identExpr') {
    const root = exprKind.value.name.replace(/^\./, '');
    return roots.has(root) ? { text: root, root, steps: [], presence: false } : null;
  }
  const step = stepOf(syntax);
  const owner = step === null ? null : pathOf(step.of, roots);
  if (step === null || owner === null) return null;
  const { name, presence } = step;
  const steps = [...owner.steps, name];
  return { text: pathText(owner.root, steps), root: owner.root, steps, presence };
}

function stepOf({ exprKind }: Syntax): { of: Syntax; name: string | number; presence: boolean } | null {
  if (exprKind.case === 'selectExpr') {
    const { operand, field, testOnly } = exprKind.value;
    return operand === undefined ? null : { of: operand, name: field, presence: testOnly };
  }
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== '_[_]') return null;
  const [of, index] = exprKind.value.args;
  const name = index === undefined ? null : literalOf(index);
  const isStep =
    typeof name === 'string' || (typeof name === 'number' && Number.isInteger(name) && name >= 0);
  return of !== undefined && isStep ? { of, name, presence: false } : null;
}

function literalOf({ exprKind }: Syntax): Literal | undefined {
  if (exprKind.case !== 'constExpr') return undefined;
  const { constantKind } = exprKind.value;
  switch (constantKind.case) {
    case 'stringValue':
    case 'boolValue':
    case 'doubleValue':
      return constantKind.value;
    case 'int64Value':
    case 'uint64Value':
      return Number(constantKind.value);
    case 'nullValue':
      return null;
    default:
      return undefined;
  }
}

function collectLiterals(syntax: Syntax, found: Set<Literal>): void {
  // The index of `headers["x"]` is a name and no value.
  const step = stepOf(syntax);
  if (step !== null) {
    collectLiterals(step.of, found);
    return;
  }
  const literal = literalOf(syntax);
  if (literal !== undefined) found.add(literal);
  for (const child of childrenOf(syntax)) collectLiterals(child, found);
}
