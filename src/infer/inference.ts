import { limits } from '../limits.ts';
import { bounded } from './bounded.ts';
import { type IdentityCandidate, identitiesOf } from './identity.ts';
import { observe } from './observe.ts';
import { type Marks, marksOf, type Sample } from './samples.ts';
import { type Schema, schemaOf } from './schema.ts';
import type { Shape } from './shape.ts';
import { type SeenScheme, schemeSeen } from './source-entry.ts';

/** What samples have told so far; its size does not grow with their number. */
export interface Learned {
  readonly shape: Shape | null;
  readonly marks: readonly Marks[];
  readonly headers: Readonly<Record<string, string>>;
}

export const nothingLearned: Learned = { shape: null, marks: [], headers: {} };

/** One more sample. */
export function learn({ shape, marks, headers }: Learned, sample: Sample): Learned {
  const seen = observe(shape, sample.payload);
  return {
    shape: seen.samples % boundEvery === 0 ? bounded(seen) : seen,
    marks: marks.length < limits.inferMarksMax ? marks.concat(marksOf(sample)) : marks,
    headers: Object.keys(headers).length < headersMax ? { ...sample.headers, ...headers } : headers,
  };
}

/** Between two such counts a shape grows by no more than what so many payloads hold. */
const boundEvery = 50;
const headersMax = 200;

export interface Inference {
  readonly shape: Shape;
  readonly contract: Schema;
  /** The best first. */
  readonly identities: readonly IdentityCandidate[];
  readonly scheme: SeenScheme | null;
}

/** What is stated of all that was learned; null: there were no samples. `title`: what the payloads are. */
export function infer({ shape, marks, headers }: Learned, title: string): Inference | null {
  if (shape === null) return null;
  const whole = bounded(shape);
  return {
    shape: whole,
    contract: schemaOf(whole, title),
    identities: identitiesOf(marks),
    scheme: schemeSeen(headers),
  };
}
