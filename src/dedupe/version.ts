import type { Version } from '../decision.ts';
import { limits } from '../limits.ts';

/**
 * What a version expression gave, as it is kept and compared; null where it is nothing to go by: absent, empty, no text
 * or number, or longer than limits.versionCharsMax. Pure.
 */
export function versionOf(value: unknown): Version | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  return value === '' || value.length > limits.versionCharsMax ? null : value;
}

/**
 * Compares two versions of one thing: negative where `a` is older, 0 where neither is newer, positive where `a` is newer.
 * Whole numbers (also written as text) and numbers by value, RFC 3339 times by the instant, other texts by their
 * characters. Null: one is a time, say, and the other is not, so nobody can tell. Pure.
 */
export function compareVersions(a: Version, b: Version): number | null {
  const [one, other] = [read(a), read(b)];
  if (one.kind === 'number' && other.kind === 'number') return order(one.value, other.value);
  if (one.kind === 'time' && other.kind === 'time') {
    return order(one.second, other.second) || order(one.fraction, other.fraction);
  }
  return one.kind === 'text' && other.kind === 'text' ? order(one.text, other.text) : null;
}

type Comparable =
  /** A bigint where it is whole: identifiers that count up soon leave what a double can hold. */
  | { readonly kind: 'number'; readonly value: number | bigint }
  | { readonly kind: 'time'; readonly second: number; readonly fraction: string }
  | { readonly kind: 'text'; readonly text: string };

/** RFC 3339, and what its neighbours write: a space for the T, an offset without its colon. */
const time =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))? ?(?:([Zz]|UTC)|([+-])(\d\d):?(\d\d))$/;

function read(version: Version): Comparable {
  if (typeof version === 'number') return { kind: 'number', value: version };
  if (/^-?\d+$/.test(version)) return { kind: 'number', value: BigInt(version) };
  const parts = time.exec(version);
  if (parts === null) return { kind: 'text', text: version };
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const offset = (parts[9] === '-' ? -1 : 1) * (Number(parts[10] ?? 0) * 60 + Number(parts[11] ?? 0));
  const ms = Date.UTC(year, month - 1, day, hour, minute - offset, second);
  // Of any length, so not as a number: `.5` and `.50` are one instant, nanoseconds are more than a double holds.
  return { kind: 'time', second: ms / 1000, fraction: (parts[7] ?? '').replace(/0+$/, '') };
}

function order<T extends string | number | bigint>(a: T, b: T): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
