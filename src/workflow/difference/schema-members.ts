import { linearRegExp } from '../../contract/linear-regexp.ts';
import { compare, isSafe, type Run } from './schema-compare.ts';
import { type Located, type View, viewOf } from './schema-view.ts';
import { type Finding, finding, within } from './schema-words.ts';

/** In what two schemas differ that look into an object. */
export function objectFindings(was: View, is: View, run: Run): Finding[] {
  if (!was.kinds.has('object')) return [];
  const names = new Set([...was.objects, ...is.objects].flatMap(({ properties }) => [...properties.keys()]));
  return [
    ...[...names].flatMap((name) => memberFindings(name, was, is, run)),
    ...patternFindings(was, is, run),
    ...additionalFindings(was, is, run),
  ];
}

function memberFindings(name: string, was: View, is: View, run: Run): Finding[] {
  const [old, now] = [memberOf(was, name), memberOf(is, name)];
  const inner = () => compare(old, now, run).map((each) => within(`.${name}`, each));
  const about = (words: string, breaking: boolean | null) =>
    finding('properties', words, breaking, { path: `.${name}` });
  if (isNamed(was, name) && isNamed(is, name)) return inner();
  if (isNamed(is, name)) {
    // That it is required says it already.
    if (is.required.has(name) && !was.required.has(name)) return [];
    return isSafe(inner())
      ? [about('is a new optional field', false)]
      : [about('is a new optional field: whoever sends it already, as something else, is refused now', null)];
  }
  if (viewOf(now).never && !viewOf(old).never) return [about('is refused now', true)];
  return [about('is no longer described', false), ...inner().filter(({ breaking }) => breaking !== false)];
}

function isNamed({ objects }: View, name: string): boolean {
  return objects.some(({ properties }) => properties.has(name));
}

/** All that a view says of the member of that name. */
export function memberOf({ objects }: View, name: string): Located[] {
  return objects.flatMap(({ properties, patterns, additional }) => {
    const own = properties.get(name);
    const matching = [...patterns].flatMap(([pattern, schema]) => (isMatch(pattern, name) ? [schema] : []));
    const all = own === undefined ? matching : [own, ...matching];
    return all.length > 0 ? all : [additional];
  });
}

function isMatch(pattern: string, name: string): boolean {
  try {
    return linearRegExp(pattern).test(name);
  } catch {
    return new RegExp(pattern, 'u').test(name);
  }
}

/** Members that no name takes, and a pattern of `after` does. */
function patternFindings(was: View, is: View, run: Run): Finding[] {
  return is.objects.flatMap(({ patterns }) =>
    [...patterns].flatMap(([pattern, schema]) =>
      compare(matchedBy(was, pattern), [schema], run).map((each) => ofPattern(pattern, each)),
    ),
  );
}

/** What a view says at least of a member that no name takes and this pattern does. */
function matchedBy({ objects }: View, pattern: string): Located[] {
  return objects.flatMap(({ patterns, additional }) => {
    const own = patterns.get(pattern);
    if (own !== undefined) return [own];
    return patterns.size === 0 ? [additional] : [];
  });
}

/** A pattern may match nothing that a name does not take. */
function ofPattern(pattern: string, inner: Finding): Finding {
  return { ...within(`.{${pattern}}`, inner), breaking: inner.breaking === false ? false : null };
}

function additionalFindings(was: View, is: View, run: Run): Finding[] {
  const unnamed = was.objects.map(({ additional }) => additional);
  const [wasClosed, isClosed] = [was, is].map(({ objects }) => {
    return viewOf(objects.map(({ additional }) => additional)).never;
  });
  if (isClosed && !wasClosed) {
    const certain = was.opaque.length === 0 && was.names.length === 0;
    return [finding('additionalProperties', 'takes no other fields now', certain ? true : null)];
  }
  const opened =
    wasClosed && !isClosed ? [finding('additionalProperties', 'takes other fields now', false)] : [];
  const inner = is.objects.flatMap(({ additional }) => compare(unnamed, [additional], run));
  // Of what was refused altogether it is said once.
  const told = wasClosed ? [] : inner.map((each) => within('.*', each));
  return [...opened, ...told, ...byPattern(was, is, run)];
}

/** Members that a pattern took before, and none does now. */
function byPattern(was: View, is: View, run: Run): Finding[] {
  const patterns = new Set(was.objects.flatMap((shape) => [...shape.patterns.keys()]));
  return [...patterns].flatMap((pattern) =>
    is.objects
      .filter((shape) => !shape.patterns.has(pattern))
      .flatMap(({ additional }) => compare(matchedBy(was, pattern), [additional], run))
      .map((each) => ofPattern(pattern, each)),
  );
}

/** In what two schemas differ that look into a list. */
export function arrayFindings(was: View, is: View, run: Run): Finding[] {
  if (!was.kinds.has('array')) return [];
  const first = Math.max(0, ...[...was.arrays, ...is.arrays].map(({ prefix }) => prefix.length));
  const at = ({ arrays }: View, index: number) => arrays.map(({ prefix, rest }) => prefix[index] ?? rest);
  return Array.from({ length: first + 1 }, (_, index) => {
    const step = index === first ? '[]' : `[${index}]`;
    return compare(at(was, index), at(is, index), run).map((each) => within(step, each));
  }).flat();
}
