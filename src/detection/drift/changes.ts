import type { JsonType, ObjectShape, Shape, TextFormat } from '../../infer/shape.ts';
import { type Count, chanceOfSoFew, chanceOfSoMany } from './chance.ts';
import { fieldAt, stepsOf } from './path.ts';

/** One way in which recent payloads differ from the usual ones. */
export interface Change {
  /** `utm.campaign`, `rows[].price`. */
  readonly path: string;
  /** `type`: a type that was not seen before; `format`: texts that no longer have their format. */
  readonly change: 'appeared' | 'vanished' | 'type' | 'format';
  /** The type or format; empty: none. */
  readonly what: string;
  readonly before: Count;
  readonly now: Count;
}

/** Fewer usual payloads than this say nothing of what is usual. */
export const usualMin = 50;

/**
 * Differences that chance does not explain: all comparisons of one call together are wrong in fewer than 1 of 10,000
 * calls (`falseAlarms`, divided by their number), where payloads come independently of each other. That they come in
 * bursts is met by who calls: kinds are compared by themselves, and a window is gathered over several readings.
 */
export function changesBetween(usual: Shape, recent: Shape): Change[] {
  if (usual.samples < usualMin) return [];
  const compared = [...comparisonsOf(usual, recent, '')];
  const threshold = falseAlarms / compared.length;
  return compared.filter((each) => chanceOf(each) < threshold && isMarked(each));
}

const falseAlarms = 1e-4;

function chanceOf({ change, before, now }: Change): number {
  return change === 'vanished' ? chanceOfSoFew(before, now) : chanceOfSoMany(before, now);
}

/** Half as often as before at most: less may be likely and still is of no interest. */
function isMarked({ change, before, now }: Change): boolean {
  return change !== 'vanished' || isRare(before, now);
}

/** Whether something is seen less than half as often as it was. */
export function isRare(before: Count, now: Count): boolean {
  return now.seen * before.of * 2 < before.seen * now.of;
}

function* comparisonsOf(usual: Shape, recent: Shape, path: string): Generator<Change> {
  if (path !== '') yield* valueComparisons(usual, recent, path);
  if (usual.list?.of && recent.list?.of) yield* comparisonsOf(usual.list.of, recent.list.of, `${path}[]`);
  if (usual.object !== null && recent.object !== null) {
    yield* fieldComparisons(usual.object, recent.object, path);
  }
}

/** New types, and formats that all texts had. */
function* valueComparisons(usual: Shape, recent: Shape, path: string): Generator<Change> {
  if (usual.samples < usualMin) return;
  for (const type of Object.keys(recent.types) as JsonType[]) {
    if (usual.types[type] !== undefined) continue;
    const now = { seen: recent.types[type] ?? 0, of: recent.samples };
    yield { path, change: 'type', what: type, before: { seen: 0, of: usual.samples }, now };
  }
  const texts = usual.types.string ?? 0;
  const recentTexts = recent.types.string ?? 0;
  if (usual.text === null || recent.text === null || texts < usualMin) return;
  for (const format of Object.keys(usual.text.formats) as TextFormat[]) {
    if (usual.text.formats[format] !== texts) continue;
    const other = recentTexts - (recent.text.formats[format] ?? 0);
    const now = { seen: other, of: recentTexts };
    if (other > 0) yield { path, change: 'format', what: format, before: { seen: 0, of: texts }, now };
  }
}

/** Fields that came or went; only of those that stayed, what is in them. */
function* fieldComparisons(usual: ObjectShape, recent: ObjectShape, path: string): Generator<Change> {
  if (usual.fields === null || recent.fields === null || usual.samples < usualMin) return;
  for (const name of new Set([...usual.fields.keys(), ...recent.fields.keys()])) {
    const at = fieldAt(path, name);
    if (at.length > pathCharsMax) continue;
    const [known, here] = [usual.fields.get(name)?.shape, recent.fields.get(name)?.shape];
    const before = { seen: known?.samples ?? 0, of: usual.samples };
    const now = { seen: here?.samples ?? 0, of: recent.samples };
    yield { path: at, change: known === undefined ? 'appeared' : 'vanished', what: '', before, now };
    if (known !== undefined && here !== undefined) yield* comparisonsOf(known, here, at);
  }
}

const pathCharsMax = 1_000;

/** How often what a finding is about is seen in a window; null: it cannot be seen there. */
export function countIn(
  window: Shape,
  { path, change, what }: Pick<Change, 'path' | 'change' | 'what'>,
): Count | null {
  const steps = stepsOf(path);
  const parent = steps.slice(0, -1).reduce<Shape | null>(stepInto, window);
  if (parent === null) return null;
  const shape = steps.slice(-1).reduce<Shape | null>(stepInto, parent);
  if (change === 'appeared' || change === 'vanished') {
    return parent.object === null ? null : { seen: shape?.samples ?? 0, of: parent.object.samples };
  }
  if (shape === null) return null;
  if (change === 'type') return { seen: shape.types[what as JsonType] ?? 0, of: shape.samples };
  const texts = shape.types.string ?? 0;
  return { seen: texts - (shape.text?.formats[what as TextFormat] ?? 0), of: texts };
}

function stepInto(shape: Shape | null, step: string | null): Shape | null {
  if (step === null) return shape?.list?.of ?? null;
  return shape?.object?.fields?.get(step)?.shape ?? null;
}
