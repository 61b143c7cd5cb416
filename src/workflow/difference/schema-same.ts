import { isDeepStrictEqual } from 'node:util';
import { isMapping } from '../place.ts';
import { type Located, referred } from './schema-view.ts';

/** What says nothing of a value. */
const annotations = new Set(
  [
    [
      'title',
      'description',
      'default',
      'example',
      'examples',
      '$comment',
      'deprecated',
      'readOnly',
      'writeOnly',
    ],
    ['$id', 'id', '$schema', '$anchor', '$defs', 'definitions', 'discriminator', 'externalDocs', 'xml'],
  ].flat(),
);

/** Keywords whose members have names of the payload, `title` and `id` among them, and keywords whose values are data. */
const named = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependentRequired',
  'dependencies',
]);
const data = new Set(['enum', 'const']);

/** Whether two schemas are written alike but for their annotations, and lead to schemas that are. */
export function isSameSchema(
  a: Located,
  b: Located,
  assumed: readonly (readonly [unknown, unknown])[] = [],
): boolean {
  if (isMapping(a.schema) && isMapping(b.schema)) {
    const [left, right] = [a.schema, b.schema];
    if (assumed.some(([one, other]) => one === left && other === right)) return true;
    if (assumed.length > 200) return false;
    const within = [...assumed, [left, right] as const];
    const keys = (schema: object) => Object.keys(schema).filter((key) => !annotations.has(key));
    return haveSame(keys(left), keys(right), (key) => {
      const [one, other] = [left[key], right[key]];
      if (data.has(key)) return isDeepStrictEqual(one, other);
      if (named.has(key) && isMapping(one) && isMapping(other)) {
        return haveSame(Object.keys(one), Object.keys(other), (name) =>
          isSameSchema({ schema: one[name], root: a.root }, { schema: other[name], root: b.root }, within),
        );
      }
      if (key === '$ref' && typeof one === 'string' && typeof other === 'string') {
        const [target, otherTarget] = [referred(a.root, one), referred(b.root, other)];
        return target !== null && otherTarget !== null && isSameSchema(target, otherTarget, within);
      }
      if (key === '$dynamicRef' || key === '$recursiveRef') return false;
      return isSameSchema({ schema: one, root: a.root }, { schema: other, root: b.root }, within);
    });
  }
  if (Array.isArray(a.schema) && Array.isArray(b.schema)) {
    const others: readonly unknown[] = b.schema;
    return (
      a.schema.length === others.length &&
      a.schema.every((each, index) =>
        isSameSchema({ schema: each, root: a.root }, { schema: others[index], root: b.root }, assumed),
      )
    );
  }
  return a.schema === b.schema;
}

/** Whether both have the same keys, and all of them hold. */
function haveSame(left: string[], right: string[], holds: (key: string) => boolean): boolean {
  return isDeepStrictEqual(left.sort(), right.sort()) && left.every(holds);
}
