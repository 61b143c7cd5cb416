import { isMapping } from '../place.ts';
import type { Path } from '../source-file.ts';
import { parseMoment } from './moment.ts';
import type { Expectation } from './schema.ts';
import type { View } from './view.ts';

/** One thing that does not hold. */
export interface Miss {
  /** Below `expect` or `not`: `['exception', 'mode']`. */
  readonly path: Path;
  readonly expected: unknown;
  /** Undefined: there is none. A Date is an instant. */
  readonly came: unknown;
}

/** Compares what a case expects with what there is. What is not named may be anything. Pure. */
export function misses(expected: Expectation, view: View, now: Date): Miss[] {
  return mapping(expected, view, { path: [], now, as: keys });
}

/** What of `not` holds all the same: each of its keys taken by itself, and of handoffs each one. Pure. */
export function held(not: Expectation, view: View, now: Date): Miss[] {
  return apart(not).flatMap(([path, single]) =>
    misses(single, view, now).length > 0
      ? []
      : [{ path, expected: undefined, came: path.reduce<unknown>(memberOf, view) }],
  );
}

function apart({ handoffs, ...rest }: Expectation): [path: Path, single: Expectation][] {
  const singles = Object.entries(rest).map(([key, value]): [Path, Expectation] => [[key], { [key]: value }]);
  const each = Array.isArray(handoffs)
    ? handoffs.map((id: string): [string, object] => [id, {}])
    : Object.entries(handoffs ?? {});
  return [
    ...singles,
    ...each.map(([id, value]): [Path, Expectation] => [['handoffs', id], { handoffs: { [id]: value } }]),
  ];
}

/** How one kind of value is compared, and those below it. */
interface At {
  readonly path: Path;
  readonly now: Date;
  readonly as: Comparers;
}

type Comparer = (expected: unknown, came: unknown, at: At) => Miss[];
type Comparers = Readonly<Record<string, Comparer>>;

/** The keys that are not compared as values are. */
const keys: Comparers = {
  confidence: within,
  exception: (expected, came, at) =>
    came === undefined
      ? [{ path: at.path, expected, came }]
      : mapping(expected, came, { ...at, as: { summary: contains, claim_by: moment, resolve_by: moment } }),
  reasons: (expected, came, at) => {
    const rungs = Object.keys(expected as object);
    return mapping(expected, came, { ...at, as: Object.fromEntries(rungs.map((rung) => [rung, contains])) });
  },
  handoffs,
  due: moment,
};

const handoffKeys: Comparers = {
  approval: (expected, came, at) =>
    isMapping(expected) && isMapping(came)
      ? mapping(expected, came, { ...at, as: { due: moment } })
      : value(expected, came, at),
  due: moment,
};

function mapping(expected: unknown, came: unknown, at: At): Miss[] {
  if (!isMapping(expected) || !isMapping(came)) return [{ path: at.path, expected, came }];
  return Object.entries(expected).flatMap(([key, each]) => {
    const compare = at.as[key] ?? value;
    return compare(each, memberOf(came, key), { ...at, path: [...at.path, key] });
  });
}

function handoffs(expected: unknown, came: unknown, at: At): Miss[] {
  if (!isMapping(came)) return [{ path: at.path, expected, came }];
  if (Array.isArray(expected)) {
    const promised = Object.keys(came);
    const same = promised.length === expected.length && promised.every((id) => expected.includes(id));
    return same ? [] : [{ path: at.path, expected, came: promised }];
  }
  return Object.entries(expected as object).flatMap(([id, each]) => {
    const path = [...at.path, id];
    const promised = memberOf(came, id);
    if (promised === undefined) return [{ path, expected: each, came: undefined }];
    return mapping(each, promised, { ...at, path, as: handoffKeys });
  });
}

/** Mappings hold at least what is expected, lists exactly that, everything else is the same. */
function value(expected: unknown, came: unknown, at: At): Miss[] {
  if (isMapping(expected) && isMapping(came)) return mapping(expected, came, { ...at, as: {} });
  if (Array.isArray(expected) && Array.isArray(came) && expected.length === came.length) {
    return expected.flatMap((each, index) => value(each, came[index], { ...at, path: [...at.path, index] }));
  }
  return Object.is(expected, came) || (expected === 0 && came === 0)
    ? []
    : [{ path: at.path, expected, came }];
}

function contains(expected: unknown, came: unknown, { path }: At): Miss[] {
  return typeof came === 'string' && came.includes(String(expected)) ? [] : [{ path, expected, came }];
}

/** Confidence has six decimals. */
const smallest = 5e-7;

function within(expected: unknown, came: unknown, { path }: At): Miss[] {
  const { from = 0, to = 1 } = isMapping(expected)
    ? (expected as { from?: number; to?: number })
    : { from: Number(expected), to: Number(expected) };
  const holds = typeof came === 'number' && came >= from - smallest && came <= to + smallest;
  return holds ? [] : [{ path, expected, came }];
}

function moment(expected: unknown, came: unknown, { path, now }: At): Miss[] {
  const parsed = parseMoment(String(expected));
  const holds =
    came instanceof Date &&
    parsed !== null &&
    came.getTime() === ('at' in parsed ? parsed.at.getTime() : now.getTime() + parsed.ms);
  return holds ? [] : [{ path, expected, came }];
}

function memberOf(value: unknown, key: string | number): unknown {
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
