import type { Beside, MapRung } from './rungs.ts';

/** Where each part of a workflow's map stands, in pixels at full size. Pure. */

const widths = { exits: 224, rung: 264, beside: 216 } as const;
const gap = 48;
const rungX = widths.exits + gap;
const besideX = rungX + widths.rung + gap;
export const drawingWidth = besideX + widths.beside;

const rungHeight = 54;
const exitHeight = 24;
const besideHeights: Readonly<Record<Beside['kind'], number>> = { source: 34, person: 34, handoff: 54 };
const besideGap = 6;
const between = 16;

export interface Placed {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedRung {
  readonly rung: MapRung;
  readonly at: Placed;
  /** Null: nothing leaves the path here. */
  readonly exits: Placed | null;
  readonly beside: readonly { readonly of: Beside; readonly at: Placed }[];
}

export interface Line {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly kind: 'path' | 'exit' | 'beside';
  /** Something stands at its end. */
  readonly taken: boolean;
}

export interface Layout {
  readonly rungs: readonly PlacedRung[];
  readonly lines: readonly Line[];
  readonly height: number;
}

export function layoutOf(rungs: readonly MapRung[]): Layout {
  let y = 0;
  const placed = rungs.map((rung): PlacedRung => {
    const count = rung.name === 'intake' ? 1 : rung.exits.length;
    const exitsHeight = count * exitHeight + (count > 0 ? 8 : 0);
    const tops = rung.beside.map((_, index) =>
      rung.beside.slice(0, index).reduce((sum, { kind }) => sum + besideHeights[kind] + besideGap, 0),
    );
    const last = rung.beside.at(-1);
    const besideTotal = last === undefined ? 0 : (tops.at(-1) ?? 0) + besideHeights[last.kind];
    const height = Math.max(rungHeight, exitsHeight, besideTotal);
    const top = (of: number) => y + Math.round((height - of) / 2);
    const row: PlacedRung = {
      rung,
      at: { id: rung.name, x: rungX, y: top(rungHeight), width: widths.rung, height: rungHeight },
      exits:
        count === 0
          ? null
          : { id: `${rung.name}/exits`, x: 0, y: top(exitsHeight), width: widths.exits, height: exitsHeight },
      beside: rung.beside.map((of, index) => ({
        of,
        at: {
          id: `${rung.name}/beside/${index}`,
          x: besideX,
          y: top(besideTotal) + (tops[index] ?? 0),
          width: widths.beside,
          height: besideHeights[of.kind],
        },
      })),
    };
    y += height + between;
    return row;
  });
  return { rungs: placed, lines: linesOf(placed), height: y - between };
}

function linesOf(placed: readonly PlacedRung[]): Line[] {
  return placed.flatMap(({ rung, exits, beside }, index): Line[] => {
    const next = placed[index + 1]?.rung;
    const lines: Line[] = beside.map(({ at }) => {
      // A source is where it begins: what it sends goes the other way.
      const [from, to] = rung.name === 'intake' ? [at.id, rung.name] : [rung.name, at.id];
      return { id: at.id, from, to, kind: 'beside', taken: false };
    });
    if (exits !== null) {
      lines.push({ id: exits.id, from: rung.name, to: exits.id, kind: 'exit', taken: rung.open > 0 });
    }
    if (next !== undefined) {
      const taken = (next.reached ?? 0) > 0;
      lines.push({ id: `${rung.name}/next`, from: rung.name, to: next.name, kind: 'path', taken });
    }
    return lines;
  });
}
