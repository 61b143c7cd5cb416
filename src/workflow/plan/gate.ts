import { AppError } from '../../errors.ts';
import { suggest } from '../suggest.ts';
import { type Metric, metrics } from './metrics.ts';
import type { Tally } from './tally.ts';

/** A condition under which a plan fails: `new-exceptions > 1%`. */
export interface Gate {
  /** As it was written. */
  readonly text: string;
  readonly metric: Metric;
  readonly sign: '>' | '<';
  readonly bound: number;
  /** Of the tickets that were looked at. */
  readonly percent: boolean;
}

/** A gate with what was found. */
export interface Judged {
  readonly gate: Gate;
  readonly count: number;
  /** Of 100; 0 where nothing was looked at. */
  readonly percent: number;
  readonly failed: boolean;
}

/** Reads a gate. Throws AppError('bad_request') that says what one looks like. */
export function parseGate(text: string): Gate {
  const [, name = '', sign, digits = '', percent] =
    /^\s*([a-z-]+)\s*([<>])\s*(\d{1,12}(?:\.\d{1,6})?)\s*(%?)\s*$/.exec(text) ?? [];
  if (sign === undefined) {
    throw new AppError('bad_request', `--fail-on "${text}" is no condition.`, {
      help: 'Write a metric, > or <, and a number or a percentage: `new-exceptions>1%`, `route>0`, `tickets<100`.',
    });
  }
  if (!isMetric(name)) {
    const meant = suggest(name, Object.keys(metrics));
    throw new AppError('bad_request', `--fail-on "${text}": there is no metric "${name}".`, {
      help: meant === null ? `There are ${Object.keys(metrics).join(', ')}.` : `Did you mean \`${meant}\`?`,
    });
  }
  const bound = Number(digits);
  if (percent === '%' && bound > 100) {
    throw new AppError('bad_request', `--fail-on "${text}": ${bound} % is more than all tickets.`);
  }
  return { text: text.trim(), metric: name, sign: sign as Gate['sign'], bound, percent: percent === '%' };
}

/** Holds a gate against what was counted. Pure. */
export function judge(gate: Gate, { counts }: Pick<Tally, 'counts'>): Judged {
  const count = counts[gate.metric];
  const percent = counts.tickets === 0 ? 0 : (100 * count) / counts.tickets;
  const value = gate.percent ? percent : count;
  return { gate, count, percent, failed: gate.sign === '>' ? value > gate.bound : value < gate.bound };
}

function isMetric(name: string): name is Metric {
  return Object.hasOwn(metrics, name);
}
