import { limits } from '../limits.ts';
import type { AttemptOutcome } from './handoff.ts';

/**
 * The JSON of an answer. An integer that a double cannot hold is the text of its digits: as a number it would be another
 * one, and an identifier that of another record. `rounded`: the same as JSON readers read it, where that is not the same.
 * Nothing for what is empty, no JSON, or deeper than limits.responseDepthMax. Pure.
 */
export function jsonIn(text: string): Pick<AttemptOutcome, 'body' | 'rounded'> {
  if (text === '') return {};
  try {
    const json = text.startsWith('\u{feff}') ? text.slice(1) : text;
    const rounded: unknown = JSON.parse(json);
    if (isDeeper(rounded, limits.responseDepthMax)) return {};
    if (!manyDigits.test(json)) return { body: rounded };
    let isExact = true;
    const exact = (_name: string, value: unknown, written?: Written) => {
      if (typeof value !== 'number' || !loses(written?.source ?? '', value)) return value;
      isExact = false;
      return written?.source;
    };
    const body: unknown = JSON.parse(json, exact);
    return isExact ? { body: rounded } : { body, rounded };
  } catch {
    return {};
  }
}

/** How a value is written; only of numbers, texts and the like. */
interface Written {
  readonly source?: string;
}

/** Where a number could begin that a double does not hold: few answers have one, and are read twice. */
const manyDigits = /(?:^|[:[,\s])-?\d{16}/;

function loses(source: string, value: number): boolean {
  return !Number.isSafeInteger(value) && /^-?\d+$/.test(source) && BigInt(source) !== BigInt(value);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1));
}
