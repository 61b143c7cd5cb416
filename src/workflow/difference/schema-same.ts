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
    const keys = (schema: object) =>
      Object.keys(schema)
        .filter((key) => !annotations.has(key))
        .sort();
    const names = keys(left);
    if (names.join('\n') !== keys(right).join('\n')) return false;
    const within = [...assumed, [left, right] as const];
    return names.every((key) => {
      const [one, other] = [left[key], right[key]];
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
