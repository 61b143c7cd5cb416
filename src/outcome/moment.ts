import { decimal } from './decimal.ts';

const form =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,18}))?)?(?: ?(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?$/;

/** A time as it is written, and the moment that it means; null: it names no zone. */
interface Written {
  readonly day: string;
  /** Since the beginning of its day, with the fraction. */
  readonly clock: string;
  readonly seconds: string | null;
}

/**
 * The one text of a moment: seconds since 1970 as a decimal, exact to the last digit. RFC 3339, and as others write it:
 * a space for the T, `+0000`, no seconds. A time without an offset is one only where `zone` says whose clock it is. Pure.
 */
export function momentOf(text: string, zone?: string): string | null {
  return written(text, zone)?.seconds ?? null;
}

/** The one text of a calendar day: `2026-03-02`, `20260302`, `2026/03/02`, or a time at the very beginning of the day that it names. Pure. */
export function dayOf(text: string): string | null {
  const [, year = '', month = '', day = ''] =
    /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ??
    /^(\d{4})\/(\d\d)\/(\d\d)$/.exec(text) ??
    /^(\d{4})(\d\d)(\d\d)$/.exec(text) ??
    [];
  if (year !== '') return utcMs(year, month, day) === null ? null : `${year}-${month}-${day}`;
  const time = written(text);
  return time?.clock === '0' ? time.day : null;
}

/** The day that begins at a moment, in UTC; null where none does. `seconds` as `momentOf` gives them. Pure. */
export function dayAt(seconds: string): string | null {
  const value = Number(seconds);
  const whole = Number.isSafeInteger(value) && value % 86_400 === 0 && Math.abs(value) < 253_402_300_800;
  return whole ? new Date(value * 1_000).toISOString().slice(0, 10) : null;
}

function written(text: string, zone?: string): Written | null {
  const match = form.exec(text);
  if (match === null) return null;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '00', fraction = ''] = match;
  const offset = match[8];
  const midnight = utcMs(year, month, day);
  if (midnight === null || hour > '23' || minute > '59' || second > '59') return null;
  const ofDay = Number(hour) * 3_600 + Number(minute) * 60 + Number(second);
  const local = midnight / 1_000 + ofDay;
  const ahead = offset === undefined ? zoneSeconds(local, zone) : offsetSeconds(offset);
  return {
    day: `${year}-${month}-${day}`,
    clock: decimal(`${ofDay}.${fraction}`) ?? '',
    seconds: ahead === null ? null : withFraction(local - ahead, fraction),
  };
}

/** Before 1970 the fraction still counts forward. */
function withFraction(seconds: number, fraction: string): string | null {
  if (seconds >= 0 || /^0*$/.test(fraction)) return decimal(`${seconds}.${fraction}`);
  const scale = 10n ** BigInt(fraction.length);
  return decimal(`${BigInt(seconds) * scale + BigInt(fraction)}e-${fraction.length}`);
}

function utcMs(year: string, month: string, day: string): number | null {
  const ms = Date.parse(`${year}-${month}-${day}T00:00:00.000Z`);
  // A 30th of February comes out as March, or not at all.
  return Number.isNaN(ms) || new Date(ms).getUTCDate() !== Number(day) ? null : ms;
}

function offsetSeconds(offset: string): number | null {
  const [, sign = '', hours = '', minutes = '0'] = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(offset) ?? [];
  if (sign === '') return 0;
  if (Number(hours) > 23 || Number(minutes) > 59) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60);
}

/**
 * How far a zone's clock is ahead when it shows `local`; of two such moments, in autumn, the first. What it never shows, in
 * spring, is read as if it had not been put forward yet.
 */
function zoneSeconds(local: number, zone: string | undefined): number | null {
  if (zone === undefined) return null;
  const before = aheadAt(local - 86_400, zone);
  const after = aheadAt(local + 86_400, zone);
  const isShown = (ahead: number) => aheadAt(local - ahead, zone) === ahead;
  return isShown(before) || !isShown(after) ? before : after;
}

function aheadAt(seconds: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    timeZoneName: 'longOffset',
  }).formatToParts(new Date(seconds * 1_000));
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign = '+', hours = '0', minutes = '0', rest = '0'] =
    /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60 + Number(rest));
}

/** Whether there is such a time zone. Pure. */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }) !== null;
  } catch {
    return false;
  }
}
