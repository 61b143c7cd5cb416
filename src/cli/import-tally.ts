import type { Sent, TriggerEnd } from './import-send.ts';

/** What an import has come to so far. `rows` are those settled; the others count triggers, or rows where none was taken. */
export interface Tally extends Readonly<Record<TriggerEnd, number>> {
  readonly rows: number;
  readonly rejected: number;
}

export const emptyTally: Tally = { rows: 0, routed: 0, updated: 0, joined: 0, exception: 0, rejected: 0 };

/** A tally with one more row. Pure. */
export function tallied(tally: Tally, sent: Sent): Tally {
  if (sent.kind === 'refused') return { ...tally, rows: tally.rows + 1, rejected: tally.rejected + 1 };
  const counts = { ...tally, rows: tally.rows + 1 };
  for (const end of sent.triggers) counts[end] += 1;
  return counts;
}

/** One line for people: how far, how fast, and what became of it. Pure. */
export function tallyText(tally: Tally, rowsPerSecond: number | null): string {
  const rate = rowsPerSecond === null ? '' : `, ${number(Math.round(rowsPerSecond))}/s`;
  const counts: [count: number, label: string][] = [
    [tally.routed, 'routed'],
    [tally.updated, 'updated'],
    [tally.joined, 'joined'],
    [tally.exception, 'in exception or triage'],
    [tally.rejected, 'rejected'],
  ];
  const told = counts.filter(([count]) => count > 0).map(([count, label]) => `${number(count)} ${label}`);
  const rows = `${number(tally.rows)} ${tally.rows === 1 ? 'row' : 'rows'}${rate}`;
  return [rows, told.join(', ')].filter(Boolean).join(': ');
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
