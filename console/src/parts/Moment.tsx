import { texts } from '../texts/moments.ts';
import { useNow } from './clock.ts';
import { absolute, countdown, relative, timeOn } from './moments.ts';
import classes from './parts.module.css';

/** A time as it is from now; pointing at it, and print, show it whole. */
export function Moment({ at }: { readonly at: string }) {
  const now = useNow();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={absolute(ms)} className={classes.moment}>
      {relative(ms, now)}
    </time>
  );
}

/** The time of day, with the date where it is not today's. */
export function Clock({ at }: { readonly at: string }) {
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={absolute(ms)} className={classes.number}>
      {timeOn(ms, Date.now())}
    </time>
  );
}

/** A time with its date and zone. */
export function Absolute({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} className={classes.number}>
      {absolute(Date.parse(at))}
    </time>
  );
}

/** What is left until a deadline; red once it is over, amber in the last tenth of `of`, or the last five minutes. */
export function Countdown({ until, from }: { readonly until: string; readonly from?: string }) {
  const now = useNow();
  const end = Date.parse(until);
  const left = end - now;
  const near = from === undefined ? 300_000 : Math.min(300_000, (end - Date.parse(from)) / 5);
  const urgency = left < 0 ? 'over' : left < near ? 'near' : 'calm';
  return (
    <time dateTime={until} title={absolute(end)} className={classes.countdown} data-urgency={urgency}>
      {left < 0 ? texts.overdue(countdown(left)) : countdown(left)}
    </time>
  );
}
