import type { Contract, Violation } from '../contract/contract.ts';
import { type Expression, ExpressionError, type Scope } from '../workflow/expression.ts';
import type { BodyTemplate, CompiledRequest } from '../workflow/workflow.ts';
import type { HandoffRequest, PlannedBody, PlannedOperation, UndoPlan } from './handoff.ts';
import { fillRequest, type Parameter } from './request.ts';
import { textOf } from './written.ts';

export interface Evaluated {
  readonly request: HandoffRequest;
  /** What the destination's document has against it. */
  readonly violations: readonly Violation[];
}

/**
 * Evaluates a request: its parameters into path, query and headers, its body leaf by leaf, and holds them against the
 * destination's document. Pure. Throws ExpressionError.
 */
export function evaluateRequest(compiled: CompiledRequest, scope: Scope): Evaluated {
  const parameters = compiled.parameters.map(({ value, ...parameter }) => ({
    ...parameter,
    value: value.evaluate(scope),
  }));
  const violations = parameters.flatMap(parameterViolations);
  const { operation, method, body: template, requestContract, bodyOptional } = compiled;
  // Without its required arguments there is no address to fill.
  const missing = violations.some(({ rule }) => rule === 'required');
  const { path, headers } = missing
    ? { path: compiled.path, headers: {} }
    : filled(compiled.path, parameters);
  const body =
    template === null ? undefined : evaluateBody(template, (leaf: Expression) => leaf.evaluate(scope));
  if (body !== undefined || bodyOptional !== true)
    violations.push(...(requestContract?.validate(body ?? null) ?? []));
  const request = {
    operation,
    method,
    path,
    headers,
    ...(body !== undefined && { body, ...writingOf(compiled) }),
  };
  return { request, violations };
}

/** The same for an operation that was planned with its expressions as text; `evaluate` knows how to read them. */
export function evaluatePlanned(
  { operation, method, path: template, parameters, ...plan }: PlannedOperation & Partial<UndoPlan>,
  evaluate: (text: string) => unknown,
): HandoffRequest {
  const { path, headers } = filled(
    template,
    parameters.map(({ value, ...parameter }) => ({ ...parameter, value: evaluate(value) })),
  );
  if (plan.body == null) return { operation, method, path, headers };
  const body = evaluateBody(plan.body, evaluate);
  return { operation, method, path, headers, body, ...writingOf(plan) };
}

/** An operation whose expressions are kept as text. */
export function planned({ operation, method, path, parameters }: CompiledRequest): PlannedOperation {
  return {
    operation,
    method,
    path,
    parameters: parameters.map(({ name, in: place, value, style }) => ({
      name,
      in: place,
      value: value.source,
      ...(style && { style }),
    })),
  };
}

export function plannedBody(template: BodyTemplate): PlannedBody {
  switch (template.kind) {
    case 'expression':
      return { kind: 'expression', value: template.value.source };
    case 'object':
      return { kind: 'object', entries: template.entries.map(([name, value]) => [name, plannedBody(value)]) };
    case 'array':
      return { kind: 'array', items: template.items.map(plannedBody) };
  }
}

/** How a body is written, where that is not plain JSON. */
export function writingOf({
  media,
  styles,
}: Pick<HandoffRequest, 'media' | 'styles'>): Pick<HandoffRequest, 'media' | 'styles'> {
  return { ...(media !== undefined && { media }), ...(styles !== undefined && { styles }) };
}

function filled(template: string, parameters: readonly Parameter[]) {
  const request = fillRequest(template, parameters);
  if (!request.ok) throw new ExpressionError(request.problem);
  return request;
}

type Body<Leaf> =
  | { readonly kind: 'expression'; readonly value: Leaf }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [name: string, value: Body<Leaf>])[] }
  | { readonly kind: 'array'; readonly items: readonly Body<Leaf>[] };

function evaluateBody<Leaf>(template: Body<Leaf>, evaluate: (leaf: Leaf) => unknown): unknown {
  switch (template.kind) {
    case 'expression':
      return evaluate(template.value);
    case 'object':
      return Object.fromEntries(
        template.entries.map(([name, value]) => [name, evaluateBody(value, evaluate)]),
      );
    case 'array':
      return template.items.map((value) => evaluateBody(value, evaluate));
  }
}

function parameterViolations(
  parameter: Parameter & { readonly contract?: Contract; readonly required?: true },
): Violation[] {
  const { name, in: place, value, contract, required } = parameter;
  if (value === null) {
    const message = `the ${place} parameter ${name} is missing`;
    return required ? [{ path: `/${name}`, rule: 'required', message }] : [];
  }
  if (contract === undefined) return [];
  const readings = asRead(value).map((reading) => contract.validate(reading));
  if (readings.some((violations) => violations.length === 0)) return [];
  return (readings[0] ?? []).map((violation) => ({ ...violation, path: `/${name}${violation.path}` }));
}

/** On the wire all is text: what is said of `5` may hold of the number or of the text. */
function asRead(value: unknown): unknown[] {
  if (Array.isArray(value)) return [value, value.map((each) => textOf(each) ?? each), value.map(asNumber)];
  const text = textOf(value);
  if (text === null) return [value];
  const words = text === 'true' || text === 'false' ? [text === 'true'] : [];
  return [value, text, asNumber(value), ...words];
}

function asNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
