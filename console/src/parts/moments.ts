import { texts } from '../texts/moments.ts';

/** Times as people read them. Pure. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A length of time, two units at most: `4 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. */
export function span(ms: number): string {
  const length = Math.abs(ms);
  if (length < minute) return `${Math.floor(length / second)} s`;
  if (length < hour) return `${Math.floor(length / minute)} min`;
  if (length < day) return two(length, hour, 'h', minute, 'min');
  return two(length, day, 'd', hour, 'h');
}

/** A countdown: seconds are shown in the last hour. */
export function countdown(ms: number): string {
  const length = Math.abs(ms);
  if (length >= hour) return span(ms);
  const digits = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${Math.floor(length / minute)}:${digits((length % minute) / second)}`;
}

function two(length: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((length % big) / small);
  return `${Math.floor(length / big)} ${bigName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** `just now`, `12 min ago`, `in 3 h`. */
export function relative(at: number, now: number): string {
  const apart = at - now;
  if (Math.abs(apart) < 5 * second) return texts.justNow;
  return apart < 0 ? texts.ago(span(apart)) : texts.in(span(apart));
}

const whole = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
});
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

const shortDate = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const longDate = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' });

/** With date and zone, in the viewer's own. */
export function absolute(at: number): string {
  return whole.format(at);
}

export function timeOfDay(at: number): string {
  return clock.format(at);
}

/** The time of day, with the date where it is not today's. */
export function timeOn(at: number, now: number): string {
  const [day, today] = [new Date(at), new Date(now)];
  if (day.toDateString() === today.toDateString()) return timeOfDay(at);
  const date = day.getFullYear() === today.getFullYear() ? shortDate : longDate;
  return `${date.format(at)}, ${timeOfDay(at)}`;
}
