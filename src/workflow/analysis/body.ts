import { isMapping, type Place } from '../place.ts';
import { suggest } from '../suggest.ts';
import type { CompiledRequest } from '../workflow.ts';
import { admits, isEmpty, ofKinds } from './domain.ts';
import { fitOf } from './fit.ts';
import type { Inspected } from './inspect.ts';
import { type Shape, shapeOf } from './shape.ts';
import { described, listed } from './words.ts';

/** What a body is looked at with. */
interface Looking {
  readonly operation: string;
  readonly look: (part: Place) => Inspected | null;
  /** What becomes of a ticket whose body it does not take. */
  readonly stops: string;
}

/** Looks at the body of a request: what its operation's schema surely refuses. `operation`: where it is named. */
export function analyseBody(
  place: Place,
  operation: Place,
  request: CompiledRequest,
  look: Looking['look'],
  stops = 'stop here as `destination_contract_violation`',
): void {
  const looking = { operation: request.operation, look, stops };
  const shape = request.requestContract === null ? null : shapeOf(request.requestContract.schema);
  if (place.value === undefined && shape !== null && !request.bodyOptional && !admits(shape.domain, null)) {
    operation.report({
      code: 'SB168',
      message: `\`${request.operation}\` needs a body, and there is none`,
      help: `every ticket would ${stops}; write \`body:\` with ${listed(shape.names, 'and') || 'its fields'}`,
    });
  } else if (place.value !== undefined) {
    part(place, shape, looking);
  }
}

/** A part of the template; `shape` is null where nothing is known of it. */
function part(place: Place, shape: Shape | null, looking: Looking): void {
  if (isMapping(place.value)) object(place, shape, looking);
  else if (Array.isArray(place.value)) list(place, shape, looking);
  else leaf(place, shape, looking);
}

function object(place: Place, shape: Shape | null, looking: Looking): void {
  const entries = place.entries();
  if (shape !== null && refusesKind(place, shape, 'object', looking)) return;
  const given = entries.map(([name]) => name);
  const missing = shape === null ? [] : requiredOf(shape).filter((name) => !given.includes(name));
  const misspelt = new Set<string>();
  for (const [name, inner] of entries) {
    const meant = shape === null ? null : unknownName(inner, name, { shape, given, missing, looking });
    if (meant !== null) misspelt.add(meant);
    part(inner, shape === null ? null : shape.member(name).shape, looking);
  }
  for (const name of missing.filter((each) => !misspelt.has(each))) {
    const says = described(shape?.member(name).shape.domain ?? ofKinds([]));
    place.report({
      code: 'SB168',
      message: `\`${name}\` is missing, which \`${looking.operation}\` requires`,
      help: `every ticket would ${looking.stops}; add \`${name}: …\`${says === null ? '' : `, ${says}`}`,
      at: 'key',
    });
  }
}

interface Named {
  readonly shape: Shape;
  readonly given: readonly string[];
  readonly missing: readonly string[];
  readonly looking: Looking;
}

/** Reports a name that the schema does not have; the name that was meant, where that can be told. */
function unknownName(place: Place, name: string, { shape, given, missing, looking }: Named): string | null {
  const { names, open } = shape;
  const { presence } = shape.member(name);
  if (names.length === 0 || names.includes(name) || (open && presence !== 'unsure')) return null;
  const meant = suggest(
    name,
    names.filter((each) => !given.includes(each)),
  );
  const isRefused = presence === 'never' || (meant !== null && missing.includes(meant));
  // Where more is admitted than is named, only what looks like a slip is told.
  if (!isRefused && meant === null) return null;
  const question = meant === null ? '' : `, did you mean \`${meant}\`?`;
  place.report({
    code: 'SB168',
    message: `\`${looking.operation}\` has no field \`${name}\`${question}`,
    help: isRefused
      ? `every ticket would ${looking.stops}; it takes ${listed([...names], 'and')}`
      : `it takes other fields too, but names ${listed([...names], 'and')}`,
    at: 'key',
    severity: isRefused ? 'error' : 'warning',
  });
  return meant;
}

function list(place: Place, shape: Shape | null, looking: Looking): void {
  const elements = place.elements();
  if (shape !== null && refusesKind(place, shape, 'list', looking)) return;
  for (const element of elements) part(element, shape?.element ?? null, looking);
}

/** Reports an object or a list where the schema takes none. */
function refusesKind(
  place: Place,
  { domain }: Shape,
  kind: 'object' | 'list',
  { operation, stops }: Looking,
): boolean {
  if (domain.kinds.has(kind) || isEmpty(domain)) return false;
  place.report({
    code: 'SB168',
    message: `\`${operation}\` does not take ${kind === 'list' ? 'a list' : 'an object'} here`,
    help: `every ticket would ${stops}; it takes ${described(domain) ?? 'something else'}`,
    at: 'key',
  });
  return true;
}

function leaf(place: Place, shape: Shape | null, looking: Looking): void {
  const inspected = place.value === null ? null : looking.look(place);
  if (shape === null || isEmpty(shape.domain)) return;
  fitOf(place, inspected, shape.domain, {
    taker: `\`${looking.operation}\``,
    stops: looking.stops,
  });
}

function requiredOf(shape: Shape): string[] {
  return shape.names.filter((name) => shape.member(name).presence === 'always');
}
