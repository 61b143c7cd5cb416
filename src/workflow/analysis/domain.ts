/** What a JSON value can be; `other` is what only expressions make: a time, bytes. */
export type Kind = 'null' | 'bool' | 'number' | 'string' | 'list' | 'object' | 'other';
export type Scalar = string | number | boolean | null;

/** A set of values. It may hold more than can come, never less: what it excludes is sure not to occur. */
export interface Domain {
  readonly kinds: ReadonlySet<Kind>;
  /** All of them, where they can be counted out; then the rest says nothing more. */
  readonly values: readonly Scalar[] | null;
  /** Scalars that are not among them. */
  readonly without: readonly Scalar[];
  /** Of numbers. */
  readonly from: Bound;
  readonly to: Bound;
  readonly whole: boolean;
  /** Characters of texts, elements of lists. */
  readonly characters: Range;
  readonly elements: Range;
}

interface Bound {
  readonly value: number;
  /** Whether the bound itself is left out. */
  readonly open: boolean;
}
export type Range = readonly [least: number, most: number];

export type Comparison = '<' | '<=' | '>' | '>=';

const allKinds: readonly Kind[] = ['null', 'bool', 'number', 'string', 'list', 'object', 'other'];
const infinity = Number.POSITIVE_INFINITY;
const unbounded = { value: infinity, open: false };

export const anything: Domain = {
  kinds: new Set(allKinds),
  values: null,
  without: [],
  from: { value: -infinity, open: false },
  to: unbounded,
  whole: false,
  characters: [0, infinity],
  elements: [0, infinity],
};

/** What JSON can hold. */
export const anyJson = ofKinds(allKinds.filter((kind) => kind !== 'other'));

export function ofKinds(kinds: Iterable<Kind>): Domain {
  return settled({ ...anything, kinds: new Set(kinds) });
}

export function ofValues(values: readonly Scalar[]): Domain {
  const distinct = [...new Set(values.map((value) => (value === 0 ? 0 : value)))];
  return { ...anything, kinds: new Set(distinct.map(kindOf)), values: distinct };
}

export function kindOf(value: Scalar): Kind {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' ? 'number' : 'string';
}

export function isEmpty({ values, kinds }: Domain): boolean {
  return values === null ? kinds.size === 0 : values.length === 0;
}

export function admits(domain: Domain, value: Scalar): boolean {
  if (domain.values !== null) return domain.values.includes(value);
  if (!domain.kinds.has(kindOf(value)) || domain.without.includes(value)) return false;
  if (typeof value === 'string') return within(lengthOf(value), domain.characters);
  if (typeof value !== 'number') return true;
  const { from, to, whole } = domain;
  if (whole && !Number.isInteger(value)) return false;
  return (
    (from.open ? value > from.value : value >= from.value) && (to.open ? value < to.value : value <= to.value)
  );
}

export function intersected(a: Domain, b: Domain): Domain {
  if (a === anything) return b;
  if (b === anything) return a;
  const [listed, other] = a.values === null ? [b, a] : [a, b];
  if (listed.values !== null) return ofValues(listed.values.filter((value) => admits(other, value)));
  return settled({
    kinds: new Set([...a.kinds].filter((kind) => b.kinds.has(kind))),
    values: null,
    without: [...new Set([...a.without, ...b.without])],
    from: narrower(a.from, b.from, 1),
    to: narrower(a.to, b.to, -1),
    whole: a.whole || b.whole,
    characters: overlap(a.characters, b.characters),
    elements: overlap(a.elements, b.elements),
  });
}

/** The least domain of this form that holds both. */
export function united(a: Domain, b: Domain): Domain {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  if (a.values !== null && b.values !== null) return ofValues([...a.values, ...b.values]);
  const [left, right] = [spread(a), spread(b)];
  return settled({
    kinds: new Set([...a.kinds, ...b.kinds]),
    values: null,
    without: [...left.without, ...right.without].filter((value) => !admits(a, value) && !admits(b, value)),
    from: wider(left.from, right.from, 1),
    to: wider(left.to, right.to, -1),
    whole: left.whole && right.whole,
    characters: hull(left.characters, right.characters),
    elements: hull(left.elements, right.elements),
  });
}

/** Without this one value. */
export function excluding(domain: Domain, value: Scalar): Domain {
  if (domain.values !== null) return ofValues(domain.values.filter((each) => each !== value));
  return settled({ ...domain, without: [...domain.without, value] });
}

/** Numbers that compare so with a number. */
export function numbersThat(sign: Comparison, value: number): Domain {
  const bound = { value, open: sign === '<' || sign === '>' };
  const numbers = { ...anything, kinds: new Set<Kind>(['number']) };
  return settled(sign.startsWith('<') ? { ...numbers, to: bound } : { ...numbers, from: bound });
}

/** Whole numbers in a range. */
export function counts([least, most]: Range): Domain {
  return settled({
    ...anything,
    kinds: new Set<Kind>(['number']),
    whole: true,
    from: { value: least, open: false },
    to: { value: most, open: false },
  });
}

/** Unicode characters, as JSON Schema and `size()` count them. */
function lengthOf(text: string): number {
  return [...text].length;
}

/** Drops what is impossible by its own bounds, and counts the values out where they are few. */
function settled(domain: Domain): Domain {
  const { characters, elements } = domain;
  const from = domain.whole
    ? {
        value: domain.from.open ? Math.floor(domain.from.value) + 1 : Math.ceil(domain.from.value),
        open: false,
      }
    : domain.from;
  const to = domain.whole
    ? { value: domain.to.open ? Math.ceil(domain.to.value) - 1 : Math.floor(domain.to.value), open: false }
    : domain.to;
  const kinds = new Set(domain.kinds);
  if (from.value > to.value || (from.value === to.value && (from.open || to.open))) kinds.delete('number');
  if (characters[0] > characters[1]) kinds.delete('string');
  if (elements[0] > elements[1]) kinds.delete('list');
  const small = [...kinds].every(
    (kind) =>
      kind === 'null' ||
      kind === 'bool' ||
      (kind === 'number' && from.value === to.value) ||
      (kind === 'string' && characters[1] === 0),
  );
  if (!small) return { ...domain, kinds, from, to };
  const values: Scalar[] = [null, true, false, from.value, ''];
  return ofValues(values.filter((value) => admits({ ...domain, kinds, from, to, values: null }, value)));
}

/** Counted values as bounds; of a kind that does not occur, the bounds hold nothing. */
function spread(domain: Domain): Domain {
  const { values, kinds } = domain;
  const numbers = values?.filter((value) => typeof value === 'number') ?? [];
  const lengths = values?.filter((value) => typeof value === 'string').map(lengthOf) ?? [];
  const few: readonly Scalar[] = [null, true, false];
  const counted: Domain =
    values === null
      ? domain
      : {
          ...domain,
          values: null,
          without: few.filter((value) => kinds.has(kindOf(value)) && !values.includes(value)),
          from: { value: Math.min(...numbers), open: false },
          to: { value: Math.max(...numbers), open: false },
          whole: numbers.every(Number.isInteger),
          characters: [Math.min(...lengths), Math.max(...lengths)],
        };
  return {
    ...counted,
    ...(!kinds.has('number') && {
      from: { value: infinity, open: false },
      to: { value: -infinity, open: false },
      whole: true,
    }),
    ...(!kinds.has('string') && { characters: nothing }),
    ...(!kinds.has('list') && { elements: nothing }),
  };
}

const nothing: Range = [infinity, -infinity];

function narrower(a: Bound, b: Bound, sign: 1 | -1): Bound {
  if (a.value === b.value) return a.open ? a : b;
  return a.value * sign > b.value * sign ? a : b;
}

function wider(a: Bound, b: Bound, sign: 1 | -1): Bound {
  if (a.value === b.value) return a.open ? b : a;
  return a.value * sign < b.value * sign ? a : b;
}

function overlap(a: Range, b: Range): Range {
  return [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
}

function hull(a: Range, b: Range): Range {
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

function within(count: number, [least, most]: Range): boolean {
  return count >= least && count <= most;
}
