import type { Contract, Violation } from '../contract/contract.ts';
import { ExpressionError, type Scope } from '../workflow/expression.ts';
import type { BodyTemplate, CompiledRequest } from '../workflow/workflow.ts';
import type { HandoffRequest, PlannedOperation } from './handoff.ts';
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
  const body = template === null ? undefined : evaluateBody(template, scope);
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

/** The same for a reading that was planned with its expressions as text; `evaluate` knows how to read them. */
export function evaluatePlanned(
  { operation, method, path: template, parameters }: PlannedOperation,
  evaluate: (text: string) => unknown,
): HandoffRequest {
  const { path, headers } = filled(
    template,
    parameters.map(({ value, ...parameter }) => ({ ...parameter, value: evaluate(value) })),
  );
  return { operation, method, path, headers };
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

/** How a body is written, where that is not plain JSON. */
function writingOf({
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

function evaluateBody(template: BodyTemplate, scope: Scope): unknown {
  switch (template.kind) {
    case 'expression':
      return template.value.evaluate(scope);
    case 'object':
      return Object.fromEntries(template.entries.map(([name, value]) => [name, evaluateBody(value, scope)]));
    case 'array':
      return template.items.map((value) => evaluateBody(value, scope));
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
