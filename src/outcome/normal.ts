import { decimal } from './decimal.ts';
import { dayAt, dayOf, momentOf } from './moment.ts';
import type { BlankForm, SameField } from './same.ts';

/** How one side of a comparison is read. */
export type Reading = Omit<SameField, 'sent' | 'found'>;

/**
 * The one text of a value under a way of comparing: two values are the same where their texts are, so that sameness is
 * reflexive, symmetric and transitive by itself. Null: nothing is there that could be compared. Pure.
 * Ways hold for every leaf of a list or mapping; a leaf that is nothing of the kind (a word as a number) counts as it is.
 */
export function normal(value: unknown, how: Reading): string | null {
  const blank = blankForm(value, how);
  if (blank !== null && how.blank?.includes(blank)) return 'blank';
  return value === undefined ? null : JSON.stringify(parts(value, how));
}

function blankForm(value: unknown, { as }: Reading): BlankForm | null {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string')
    return (as.endsWith('space') ? spaced(value) : value) === '' ? 'empty' : null;
  return typeof value === 'object' && Object.keys(value).length === 0 ? 'empty' : null;
}

/** A tree that JSON.stringify writes in one way only. Leaves carry their kind, so that no two kinds meet. */
function parts(value: unknown, how: Reading): unknown {
  if (Array.isArray(value)) {
    const elements = value.map((element) => parts(element, how));
    if (how.set !== true) return ['list', ...elements];
    const texts = elements.map((element) => JSON.stringify(element));
    return ['set', ...[...new Set(texts)].sort()];
  }
  if (typeof value !== 'object' || value === null) return leaf(value, how);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const inOrder = members.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return ['mapping', ...inOrder.map(([name, member]) => [name, parts(member, how)])];
}

function leaf(value: unknown, how: Reading): readonly [kind: string, value: unknown] {
  // An element of a list that has no such member: its place still counts.
  if (value === undefined) return ['missing', null];
  const text = typeof value === 'number' ? String(value) : value;
  const known = typeof text === 'string' ? ofKind(text, typeof value === 'number', how) : null;
  return known ?? ['json', value];
}

function ofKind(
  text: string,
  isNumber: boolean,
  how: Reading,
): readonly [kind: string, value: string] | null {
  switch (how.as) {
    case 'exact':
      return null;
    case 'number':
      return named('number', decimal(text, how.shift));
    case 'time':
    case 'date': {
      const fromEpoch = how.epoch === undefined ? null : decimal(text, how.epoch === 'ms' ? -3 : 0);
      const moment = fromEpoch ?? (isNumber ? null : momentOf(text, how.zone));
      if (how.as === 'time') return named('time', moment);
      const day = fromEpoch === null ? dayOf(text) : dayAt(fromEpoch);
      return named('day', day) ?? named('time', moment);
    }
    default:
      return isNumber ? null : ['text', textOf(text, how.as)];
  }
}

function named(kind: string, value: string | null): readonly [kind: string, value: string] | null {
  return value === null ? null : [kind, value];
}

/** Composed and decomposed letters are the same text. */
function textOf(text: string, as: Reading['as']): string {
  const composed = text.normalize('NFC');
  const narrow = as.endsWith('space') ? spaced(composed) : composed;
  return as.startsWith('text-ignoring-case') ? folded(narrow) : narrow;
}

/** Runs of white space are one space, and none at the ends. */
function spaced(text: string): string {
  return text.replace(/[\s\u0085\u200b]+/gu, ' ').trim();
}

/** Unicode's full case folding as far as it goes beyond lower case; a dotless i stays another letter. */
function folded(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ').replaceAll('ß', 'ss').normalize('NFC');
}
