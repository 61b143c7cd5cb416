import type { ReactNode } from 'react';
import type { DestinationWithActs } from '../../api/house.ts';
import listClasses from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { span } from '../../parts/moments.ts';
import { texts } from '../../texts/handoffs.ts';
import classes from './Handoffs.module.css';

const { facts } = texts;

/** How it is doing, in figures. */
export function Figures({ of }: { readonly of: DestinationWithActs }) {
  const ms = (value: number | null) => (value === null ? '–' : texts.ms(value));
  const all = [
    { name: facts.queued, value: of.queued.toLocaleString('en') },
    { name: facts.inFlight, value: of.in_flight.toLocaleString('en') },
    { name: facts.accepted, value: of.succeeded.toLocaleString('en') },
    { name: facts.failed, value: of.failed.toLocaleString('en'), bad: of.failed > 0 },
    { name: facts.p50, value: ms(of.p50_ms) },
    { name: facts.p99, value: ms(of.p99_ms) },
  ];
  return (
    <dl className={listClasses.figures}>
      {all.map(({ name, value, bad = false }) => (
        <div key={name} data-bad={bad}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What the project says of it, and what its circuit does next. */
export function Facts({ of }: { readonly of: DestinationWithActs }) {
  const time = (at: string | null) => (at === null ? null : <Moment at={at} />);
  const all: readonly (readonly [string, ReactNode])[] = [
    [facts.probe, time(of.probe_at)],
    [facts.held, time(of.held_until)],
    [facts.oldest, time(of.oldest_due_at)],
    [facts.url, of.url],
    [facts.scheme, of.scheme],
    [facts.key, of.idempotency_header],
    [facts.concurrency, of.concurrency],
    [facts.rate, of.rate === null ? null : texts.rate(of.rate.requests, span(of.rate.per_ms))],
    [facts.timeout, of.timeout_ms === null ? null : span(of.timeout_ms)],
  ];
  return (
    <dl className={classes.facts}>
      {all.map(([name, value]) =>
        value === null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
