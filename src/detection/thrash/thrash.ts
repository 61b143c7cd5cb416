import { limits } from '../../limits.ts';

/** Where a ticket was put, and with what confidence where routing did it; null: a person. */
export interface Placement {
  readonly at: Date;
  readonly to: string;
  readonly confidence: number | null;
}

/** Why the placements of a ticket are a thrash, in words; null: they are none. Pure. */
export function thrashOf(placements: readonly Placement[], threshold: number, now: Date): string | null {
  const recent = placements.filter(({ at }) => now.getTime() - at.getTime() <= limits.thrashWindowMs);
  const moves = recent.filter(({ to }, index) => index === 0 || to !== recent[index - 1]?.to);
  const back = moves.find(({ to }, index) => index >= 2 && to === moves[index - 2]?.to);
  if (back !== undefined) {
    const between = moves[moves.indexOf(back) - 1];
    return `It went from ${back.to} to ${between?.to} and back`;
  }
  const reassigned = moves.length - 1;
  if (reassigned > limits.thrashPlacementsMax) return `It was reassigned ${reassigned} times`;
  const crossings = crossingsOf(recent, threshold);
  return crossings >= limits.thrashCrossingsMax
    ? `Its confidence went over and under the threshold of ${threshold} ${crossings} times`
    : null;
}

function crossingsOf(placements: readonly Placement[], threshold: number): number {
  const sure = placements.flatMap(({ confidence }) => (confidence === null ? [] : [confidence >= threshold]));
  return sure.filter((each, index) => index > 0 && each !== sure[index - 1]).length;
}

/** What an entry says of where a ticket was put; null: nothing. Pure. */
export function placementOf(entry: {
  readonly at: Date;
  readonly kind: string;
  readonly data: string;
}): Placement | null {
  const data = JSON.parse(entry.data) as Readonly<Record<string, unknown>>;
  const to = entry.kind === 'ownership_transferred' ? data.to : data.route;
  if (typeof to !== 'string') return null;
  const { confidence } = data;
  return { at: entry.at, to, confidence: typeof confidence === 'number' ? confidence : null };
}
