import type { ErrorCode } from '../errors.ts';

/** Why an act does not apply, by its label: each is one of a caller's mistakes. */
export const refusalCodes = {
  resolved: 'conflict',
  not_due: 'conflict',
  claimed_by_other: 'conflict',
  claimed_already: 'conflict',
  not_claimed: 'conflict',
  no_such_point: 'not_found',
  point_settled: 'conflict',
  text_unfit: 'bad_request',
  root_cause_unknown: 'unprocessable',
  checklist_open: 'unprocessable',
  resolution_unfit: 'unprocessable',
} as const satisfies Record<string, ErrorCode>;

export type RefusalCode = keyof typeof refusalCodes;

/** An act that does not apply, as a value. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly code: RefusalCode;
  /** What stands in the way, one sentence. */
  readonly what: string;
  /** What to do instead, one sentence. */
  readonly help: string;
}

export function refuse(code: RefusalCode, what: string, help: string): Refusal {
  return { kind: 'refusal', code, what, help };
}

/** Refuses a person's text that is empty, too long, or holds what neither a row nor the chain can keep. Null: it is fit. */
export function textProblem(name: string, text: string, charsMax: number): Refusal | null {
  if (text.trim() === '') return refuse('text_unfit', `${name} is empty.`, 'Write one sentence at least.');
  return unfit(name, text, charsMax);
}

/** As textProblem, but nothing may be said. */
export function optionalTextProblem(name: string, text: string, charsMax: number): Refusal | null {
  return text === '' ? null : unfit(name, text, charsMax);
}

function unfit(name: string, text: string, charsMax: number): Refusal | null {
  if (text.length > charsMax) {
    return refuse('text_unfit', `${name} has ${text.length} characters.`, `Say it in at most ${charsMax}.`);
  }
  if (!text.isWellFormed() || text.includes('\0')) {
    return refuse(
      'text_unfit',
      `${name} holds a character that cannot be stored.`,
      'Remove NUL and halves of pairs.',
    );
  }
  return null;
}
