import { normal } from './normal.ts';
import { valueAt } from './path.ts';
import { type SameField, type SameKind, sameField } from './same.ts';

/** One field that must stand in the target as it was sent. `found` is absent where the record has no such field. */
export interface ComparedField {
  readonly field: string;
  /** Where it was looked for, if not under its own name. */
  readonly in?: string;
  /** How it was compared, if not exactly. */
  readonly as?: SameKind;
  readonly sent?: unknown;
  readonly found?: unknown;
  readonly equal: boolean;
}

/**
 * Compares fields of what was sent with the record that was read back. Pure.
 * Without a way of its own a field must stand exactly: the order of keys and the spelling of a number do not matter.
 */
export function compareFields(
  sent: unknown,
  result: unknown,
  same: readonly (string | SameField)[],
): ComparedField[] {
  return same.map((given) => {
    const { sent: field, found: place, ...how } = sameField(given);
    const before = valueAt(sent, field);
    const after = valueAt(result, place);
    const { shift: _, ...unshifted } = how;
    const expected = normal(before, how);
    return {
      field,
      ...(place !== field && { in: place }),
      ...(how.as !== 'exact' && { as: how.as }),
      ...(before !== undefined && { sent: before }),
      ...(after !== undefined && { found: after }),
      equal: expected !== null && expected === normal(after, unshifted),
    };
  });
}

/** What is wrong with a field, for a person: both values, and where they stand. Pure. */
export function complaint({ field, in: place, sent, found }: ComparedField): string {
  const was = JSON.stringify(sent) ?? 'nothing';
  const is = JSON.stringify(found) ?? 'missing';
  return place === undefined
    ? `${field} is ${is}, sent was ${was}`
    : `${place} is ${is}, sent as ${field} was ${was}`;
}
