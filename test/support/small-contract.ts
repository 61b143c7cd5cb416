import fc from 'fast-check';

/** A contract of which every payload can be tried: few values a field, some of them optional, one that may be null. */
export const smallContract = {
  type: 'object',
  required: ['kind', 'count', 'note', 'on'],
  properties: {
    kind: { enum: ['web', 'brand', ''] },
    count: { type: 'integer', minimum: 0, maximum: 2 },
    note: { enum: ['a', null] },
    on: { type: 'boolean' },
    size: { enum: [1, 2] },
    utm: { type: 'object', required: ['id'], properties: { id: { enum: ['x', 'yy'] }, tag: { const: 't' } } },
  },
};

/** All of them. */
export const smallPayloads: readonly Readonly<Record<string, unknown>>[] = products({
  kind: ['web', 'brand', ''],
  count: [0, 1, 2],
  note: ['a', null],
  on: [true, false],
  size: [undefined, 1, 2],
  utm: [undefined, { id: 'x' }, { id: 'yy', tag: 't' }],
});

function products(parts: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown>[] {
  return Object.entries(parts).reduce<Record<string, unknown>[]>(
    (all, [name, values]) =>
      all.flatMap((one) => values.map((value) => (value === undefined ? one : { ...one, [name]: value }))),
    [{}],
  );
}

const numbers = ['payload.count', 'payload.size', 'payload.utm.id.size()', 'size(payload.kind)'];
const texts = ['kind', 'note', 'utm.id', 'utm.tag', 'kind.upperAscii()'].map((name) => `payload.${name}`);
const order = fc.constantFrom('<', '<=', '>', '>=', '==', '!=');
const number = fc.constantFrom('0', '1', '1.5', '2', '3.0', '-1');
const text = fc.constantFrom('"web"', '"brand"', '""', '"a"', '"x"', '"t"', '"WEB"', '"nothing"');
const join = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((each) => each.join(' '));

const comparison = fc.oneof(
  join(fc.constantFrom(...numbers), order, number),
  join(number, order, fc.constantFrom(...numbers)),
  join(fc.constantFrom(...numbers), order, fc.constantFrom(...numbers)),
  join(fc.constantFrom(...texts), fc.constantFrom('==', '!=', '<'), text),
  join(fc.constantFrom(...texts), fc.constantFrom('==', '!='), fc.constantFrom(...texts)),
  fc
    .tuple(fc.constantFrom(...texts), fc.array(text, { maxLength: 3 }))
    .map(([each, list]) => `${each} in [${list.join(', ')}]`),
  fc.tuple(fc.constantFrom(...texts), text).map(([each, part]) => `${each}.startsWith(${part})`),
  fc.constantFrom(
    ...['has(payload.utm)', 'has(payload.utm.tag)', 'has(payload.size)', 'has(payload.kind)'],
    ...['"utm" in payload', 'payload.note == null', 'payload.note != null', 'payload.on', 'true', 'false'],
  ),
);

/** Conditions on such a payload, as people write them and as they do not. */
export const smallCondition: fc.Arbitrary<string> = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    comparison,
    join(fc.constant('('), tie('condition'), fc.constantFrom('&&', '||'), tie('condition'), fc.constant(')')),
    tie('condition').map((inner) => `!(${inner})`),
    fc
      .tuple(tie('condition'), tie('condition'), tie('condition'))
      .map(([when, yes, no]) => `(${when} ? ${yes} : ${no})`),
  ),
})).condition;
