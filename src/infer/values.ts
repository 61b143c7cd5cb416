import type { Schema } from './schema.ts';
import type { NumberShape, Shape, TextFormat, TextShape } from './shape.ts';
import { support } from './support.ts';
import { isPrivateName } from './text.ts';

/** Keywords for a value, and what they rest on. */
type Stated = Schema & { readonly evidence?: Schema };

/** What is stated of texts: one of a few labels, a format, a pattern, a length. */
export function statedOfTexts({ text, types }: Shape, name: string): Stated {
  const payloads = types.string ?? 0;
  if (text === null) return {};
  const labels = labelsOf(text, payloads, name);
  if (labels !== null) {
    // Null and other types that were seen stay allowed: `enum` speaks of every type.
    const alone = Object.keys(types).length === 1;
    return alone
      ? { enum: labels.map(([label]) => label), evidence: { values: Object.fromEntries(labels) } }
      : {};
  }
  const format = formatOf(text, payloads, name);
  if (format !== null) return format;
  const pattern = namesAnId.test(name) ? prefixPattern(text, payloads) : null;
  return { ...lengths(text, payloads), ...(pattern === null ? {} : { pattern }) };
}

/** Labels that came again and again, and that no other joined for long; null: no closed list. */
function labelsOf({ values }: TextShape, payloads: number, name: string): [string, number][] | null {
  if (values === null || values.size > support.enumMax || payloads < support.enum) return null;
  // One label that is always the same says little of what else may come, but for a field that names a kind.
  if (values.size === 1 && !/(type|object|event|kind)$/i.test(name)) return null;
  const rare = [...values.values()].some((count) => count < support.enumEach);
  if (rare || payloads < values.size * support.enumEach * 2) return null;
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1));
}

function formatOf({ formats, shortest, longest }: TextShape, payloads: number, name: string): Stated | null {
  const all = (Object.keys(formats) as TextFormat[]).filter((format) => formats[format] === payloads);
  const format = all.find((each) => each !== 'hex' && each !== 'digits');
  if (format !== undefined) return payloads < support.format ? null : { format };
  if (payloads < support.pattern) return null;
  if (all.includes('digits')) return namesAnId.test(name) ? { pattern: '^[0-9]+$' } : null;
  if (!all.includes('hex')) return null;
  return { pattern: shortest === longest ? `^[0-9a-f]{${longest}}$` : '^[0-9a-f]+$' };
}

const namesAnId = /(^|_|[a-z])(id|Id|ID|number|Number|key|Key|token|ref|reference|code)$/;

/** A prefix that ids of one kind share: `cus_`, `L-`. */
function prefixPattern({ prefix, values }: TextShape, payloads: number): string | null {
  if (payloads < support.range || values !== null) return null;
  const [shared] = /^[A-Za-z]{1,12}[_:-]/.exec(prefix) ?? [];
  return shared === undefined ? null : `^${shared}`;
}

function lengths({ shortest, longest }: TextShape, payloads: number): Stated {
  if (payloads < support.range) return {};
  return {
    ...(shortest > 0 ? { minLength: 1 } : {}),
    maxLength: Math.max(100, orderAbove(longest)),
    evidence: { lengths: [shortest, longest] },
  };
}

/** What is stated of numbers: their sign and order of magnitude. An id only grows: of it, nothing. */
export function statedOfNumbers({ number, types }: Shape, name: string): Stated {
  if (number === null || (types.number ?? 0) < support.range) return {};
  const { least, most } = number;
  if (least === null || most === null) return {};
  const signed = least < 0 ? {} : { minimum: 0 };
  if (isPrivateName(name) || most >= countsFrom) return signed;
  return { ...signed, ...highest(number), evidence: { range: [least, most] } };
}

/** Above it stand ids and times, which grow without end. */
const countsFrom = 100_000_000;

function highest({ least, most }: NumberShape): Stated {
  return (least ?? 0) >= 0 && most !== null && most > 0 ? { maximum: orderAbove(most) } : {};
}

/** Ten times as much at least, as a power of ten. */
function orderAbove(value: number): number {
  return 10 ** (Math.ceil(Math.log10(Math.max(1, value))) + 1);
}
