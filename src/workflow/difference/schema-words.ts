import { type Bound, isNarrower, isOneOf, type Kind, type View } from './schema-view.ts';

/** One thing in which two schemas differ. */
export interface Finding {
  /** From where the comparison began: `.address.street`, `[]` for the elements of a list, `.*` for fields without a name. */
  readonly path: string;
  readonly keyword: string;
  readonly before: unknown;
  readonly after: unknown;
  /** What is said of the place, after its name: "is required now". */
  readonly words: string;
  /** Whether a value that was accepted is refused now; null where that is not certain. */
  readonly breaking: boolean | null;
}

/** A finding at the place itself, about a keyword as a whole. */
export function finding(
  keyword: string,
  words: string,
  breaking: boolean | null,
  values: { readonly path?: string; readonly before?: unknown; readonly after?: unknown } = {},
): Finding {
  const { path = '', before = null, after = null } = values;
  return { path, keyword, before, after, words, breaking };
}

/** The same finding, seen from a place further out. */
export function within(step: string, inner: Finding): Finding {
  return { ...inner, path: step + inner.path };
}

/** In what the keywords of two schemas differ that look at a value by itself. */
export function keywordFindings(was: View, is: View): Finding[] {
  // What is certain of one keyword alone, a choice or an enumeration beside it may take back.
  const sure = was.choices.length === 0 && was.opaque.length === 0 && was.values === null ? true : null;
  return [
    ...kindFindings(was, is),
    ...valueFindings(was, is),
    ...boundFindings(was, is, sure),
    ...countFindings(was, is, sure),
    ...patternFindings(was, is, sure),
    ...formatFindings(was, is, sure),
    ...uniqueFindings(was, is, sure),
    ...requiredFindings(was, is, sure),
  ];
}

function kindFindings(was: View, is: View): Finding[] {
  if (is.values !== null || same(was.kinds, is.kinds)) return [];
  const lost = [...was.kinds].some((kind) => !is.kinds.has(kind));
  const values = { before: kindNames(was.kinds), after: kindNames(is.kinds) };
  // The words of an enumeration that is gone say it better.
  if (was.values !== null && !lost) return [];
  const breaking = !lost ? false : was.choices.length + was.opaque.length > 0 ? null : true;
  return [finding('type', `is ${values.after} now, and was ${values.before}`, breaking, values)];
}

const kindTexts: Readonly<Record<Kind, string>> = {
  null: 'null',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  string: 'a text',
  integer: 'a whole number',
  fraction: 'a number',
};

function kindNames(kinds: ReadonlySet<Kind>): string {
  if (kinds.size === Object.keys(kindTexts).length) return 'anything';
  const told = [...kinds].filter((kind) => kind !== 'integer' || !kinds.has('fraction'));
  return told.map((kind) => kindTexts[kind]).join(' or ');
}

function valueFindings({ values: old, ...was }: View, { values: now }: View): Finding[] {
  if (now === null) {
    return old === null
      ? []
      : [finding('enum', `may be other values than ${listed(old)}`, false, { before: old })];
  }
  const values = { before: old, after: now };
  if (old === null) {
    const certain = was.choices.length === 0 && was.opaque.length === 0;
    const all = [...was.kinds].every((kind) => kind === 'null' || kind === 'boolean');
    return [finding('enum', `must be ${listed(now)} now`, certain && !all ? true : null, values)];
  }
  const gone = old.filter((value) => !isOneOf(value, now));
  const added = now.filter((value) => !isOneOf(value, old));
  const certain = was.choices.length === 0 && was.opaque.length === 0 ? true : null;
  return [
    ...(gone.length === 0 ? [] : [finding('enum', `may no longer be ${listed(gone)}`, certain, values)]),
    ...(added.length === 0 ? [] : [finding('enum', `may also be ${listed(added)}`, false, values)]),
  ];
}

function listed(values: readonly unknown[]): string {
  const texts = values.slice(0, 10).map((value) => `\`${JSON.stringify(value)}\``);
  return texts.join(', ') + (values.length > texts.length ? `, … (${values.length})` : '');
}

function boundFindings(was: View, is: View, sure: true | null): Finding[] {
  const relevant = was.kinds.has('integer') || was.kinds.has('fraction');
  const sides = [
    ['minimum', was.lower, is.lower, 1],
    ['maximum', was.upper, is.upper, -1],
  ] as const;
  const bounds = sides.flatMap(([keyword, old, now, direction]) => {
    if (!relevant || (!isNarrower(old, now, direction) && !isNarrower(now, old, direction))) return [];
    const narrower = isNarrower(now, old, direction);
    const words =
      now === null
        ? `has no ${keyword} any more${old === null ? '' : ` (was ${boundText(old, direction)})`}`
        : `must be ${boundText(now, direction)} now${old === null ? '' : `, and was ${boundText(old, direction)}`}`;
    return [finding(keyword, words, narrower ? sure : false, { before: old?.value, after: now?.value })];
  });
  const steps = is.multiples.flatMap((step) => {
    const held = was.multiples.some((old) => old === step || isMultiple(old, step));
    if (!relevant || held || (step === 1 && !was.kinds.has('fraction'))) return [];
    return [finding('multipleOf', `must be a multiple of ${step} now`, sure, { after: step })];
  });
  return [...bounds, ...steps];
}

/** Certain only among whole numbers that are kept exactly. */
function isMultiple(value: number, of: number): boolean {
  return Number.isSafeInteger(value) && Number.isSafeInteger(of) && value % of === 0;
}

function boundText({ value, exclusive }: Bound, direction: 1 | -1): string {
  if (exclusive) return `${direction === 1 ? 'above' : 'below'} ${value}`;
  return `at ${direction === 1 ? 'least' : 'most'} ${value}`;
}

const counted: readonly (readonly [keyword: string, kind: Kind, direction: 1 | -1, what: string])[] = [
  ['minLength', 'string', 1, 'at least % characters'],
  ['maxLength', 'string', -1, 'at most % characters'],
  ['minItems', 'array', 1, 'at least % elements'],
  ['maxItems', 'array', -1, 'at most % elements'],
  ['minProperties', 'object', 1, 'at least % fields'],
  ['maxProperties', 'object', -1, 'at most % fields'],
];

function countFindings(was: View, is: View, sure: true | null): Finding[] {
  return counted.flatMap(([keyword, kind, direction, what]) => {
    const none = direction === 1 ? 0 : Number.POSITIVE_INFINITY;
    const [old, now] = [was.counts.get(keyword) ?? none, is.counts.get(keyword) ?? none];
    if (old === now || !was.kinds.has(kind)) return [];
    const narrower = (now - old) * direction > 0;
    const met = keyword === 'minProperties' && was.required.size >= now;
    const text = (count: number) => what.replace('%', String(count));
    const words =
      now === none
        ? `need not have ${text(old)} any more`
        : `must have ${text(now)} now${old === none ? '' : `, and had ${old}`}`;
    const values = { before: old === none ? null : old, after: now === none ? null : now };
    return [finding(keyword, words, narrower && !met ? sure : false, values)];
  });
}

function patternFindings(was: View, is: View, sure: true | null): Finding[] {
  if (!was.kinds.has('string')) return [];
  const { added, gone } = changes(was.patterns, is.patterns);
  const [old] = gone;
  if (added.length === 0) {
    return gone.map((one) => finding('pattern', `need no longer match ${one}`, false, { before: one }));
  }
  return added.map((now) => {
    const words = `must match ${now} now${old === undefined ? '' : `, and had to match ${gone.join(' and ')}`}`;
    // Whether one pattern takes all that another does, nobody looks.
    return finding('pattern', words, old === undefined ? sure : null, { before: old, after: now });
  });
}

function formatFindings(was: View, is: View, sure: true | null): Finding[] {
  if (!['string', 'integer', 'fraction'].some((kind) => was.kinds.has(kind as Kind))) return [];
  const { added, gone } = changes(was.formats, is.formats);
  const [old] = gone;
  if (added.length === 0) {
    return gone.map((one) =>
      finding('format', `need no longer be of the format ${one}`, false, { before: one }),
    );
  }
  return added.map((now) => {
    const words = `must be of the format ${now} now${old === undefined ? '' : `, and was of ${old}`}`;
    const wider = now === 'int64' && was.formats.has('int32');
    const narrower = checkedFormats.has(now) && (old === undefined || isNarrowing(old, now));
    return finding('format', words, wider ? false : narrower ? sure : null, { before: old, after: now });
  });
}

/** Formats that are looked at, and not only told. */
const checkedFormats = new Set(
  [
    ['date', 'date-time', 'time', 'duration', 'email', 'uri', 'uuid', 'ipv4', 'ipv6', 'hostname'],
    ['int32', 'json-pointer', 'regex'],
  ].flat(),
);

/** Whether there surely are texts of one format that are not of the other. An address or a uuid may be a host name too. */
function isNarrowing(old: string, now: string): boolean {
  return checkedFormats.has(old) && now !== 'hostname';
}

function uniqueFindings(was: View, is: View, sure: true | null): Finding[] {
  if (was.unique === is.unique || !was.kinds.has('array')) return [];
  return is.unique
    ? [finding('uniqueItems', 'must not hold an element twice now', sure)]
    : [finding('uniqueItems', 'may hold an element twice now', false)];
}

function changes<T>(was: ReadonlySet<T>, is: ReadonlySet<T>): { readonly added: T[]; readonly gone: T[] } {
  return { added: [...is].filter((one) => !was.has(one)), gone: [...was].filter((one) => !is.has(one)) };
}

function requiredFindings(was: View, is: View, sure: true | null): Finding[] {
  if (!was.kinds.has('object')) return [];
  const named = was.objects.flatMap(({ properties }) => [...properties.keys()]);
  const added = [...is.required]
    .filter((name) => !was.required.has(name))
    .map((name) => {
      const words = named.includes(name) ? 'is required now' : 'is a new required field';
      return finding('required', words, sure, { path: `.${name}`, before: false, after: true });
    });
  const freed = [...was.required]
    .filter((name) => !is.required.has(name))
    .map((name) =>
      finding('required', 'is no longer required', false, { path: `.${name}`, before: true, after: false }),
    );
  const dependent = [...is.dependent].flatMap(([name, needs]) =>
    [...needs]
      .filter((other) => !was.required.has(other) && !was.dependent.get(name)?.has(other))
      .map((other) =>
        finding('dependentRequired', `is required now where \`${name}\` is there`, sure, {
          path: `.${other}`,
        }),
      ),
  );
  return [...added, ...freed, ...dependent];
}

function same<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}
