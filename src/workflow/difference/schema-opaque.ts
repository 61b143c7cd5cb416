import { compare, isProved, type Run } from './schema-compare.ts';
import { isSameSchema } from './schema-same.ts';
import type { Contains, Located, View } from './schema-view.ts';
import { type Finding, finding, within } from './schema-words.ts';

/** In what two schemas differ that cannot be compared part by part: it holds where it is written as before, and is unsure elsewhere. */
export function opaqueFindings(was: View, is: View, run: Run): Finding[] {
  const unsure = is.opaque
    .filter(({ keyword, within: now }) => {
      return !was.opaque.some((old) => old.keyword === keyword && holds(keyword, old.within, now, run));
    })
    .map(({ keyword }) => finding(keyword, `\`${keyword}\` says something else now`, null));
  return [...nameFindings(was, is, run), ...containsFindings(was, is, run), ...unsure];
}

function holds(keyword: string, before: Located, after: Located, run: Run): boolean {
  if (isSameSchema(before, after)) return true;
  const [old, now] = [partOf(before), partOf(after)];
  switch (keyword) {
    // What is refused now was refused before.
    case 'not':
      return isProved([now('not')], [old('not')], run);
    case 'if':
      return ['if', 'then', 'else'].every((key) => isSameSchema(old(key), now(key)));
    case 'dependencies':
    case 'dependentSchemas':
      return isSameSchema(old(keyword), now(keyword));
    default:
      return false;
  }
}

function partOf({ schema, root }: Located): (key: string) => Located {
  return (key) => ({ schema: (schema as Readonly<Record<string, unknown>>)[key], root });
}

const text: Located = { schema: { type: 'string' }, root: null };

function nameFindings(was: View, is: View, run: Run): Finding[] {
  if (is.names.length === 0 || !was.kinds.has('object')) return [];
  return compare([text, ...was.names], [text, ...is.names], run).map((each) =>
    within(' (the names of its fields)', each),
  );
}

function containsFindings(was: View, is: View, run: Run): Finding[] {
  if (!was.kinds.has('array')) return [];
  return is.contains
    .filter((now) => !was.contains.some((old) => isContained(old, now, run)))
    .filter(({ min, max }) => min > 0 || max !== Number.POSITIVE_INFINITY)
    .map(({ min }) => finding('contains', 'must hold other elements than before', null, { after: min }));
}

function isContained(old: Contains, now: Contains, run: Run): boolean {
  if (old.min < now.min) return false;
  if (now.max === Number.POSITIVE_INFINITY) return isProved([old.schema], [now.schema], run);
  return old.max <= now.max && isSameSchema(old.schema, now.schema);
}
