/**
 * How the tool takes the calls that open a project.
 * `count`: for so many of them, then well again. `lead`: only those for this lead; others are taken well.
 */
export type Behaviour = { readonly count?: number; readonly lead?: string } & (
  | { readonly mode: 'well' }
  /** Says 201 and keeps the project without `field`. */
  | { readonly mode: 'drop-field'; readonly field: string }
  /** Says 201 and keeps nothing. */
  | { readonly mode: 'store-nothing' }
  /** Keeps two projects for one call, whatever its idempotency key. */
  | { readonly mode: 'store-twice' }
  /** Sends its answer twice on the same connection. */
  | { readonly mode: 'answer-twice' }
  /** Keeps the project at once and says so after `ms`. */
  | { readonly mode: 'slow'; readonly ms: number }
  /** Says 503. */
  | { readonly mode: 'unavailable' }
  /** Refuses every connection, for `forMs` or until told otherwise by `control`. */
  | { readonly mode: 'down'; readonly forMs?: number }
);

const plain = ['well', 'store-nothing', 'store-twice', 'answer-twice', 'unavailable'] as const;

/** Reads what `POST /_control` was sent; a text is what is wrong with it. */
export function parseBehaviour(value: unknown): Behaviour | string {
  if (typeof value !== 'object' || value === null)
    return 'A behaviour is a JSON object such as {"mode":"well"}';
  const { mode, count, lead, field, ms, forMs } = value as Record<string, unknown>;
  if (count !== undefined && !isCount(count)) return 'count is not a whole number above 0';
  if (lead !== undefined && typeof lead !== 'string') return 'lead is not the id of a lead';
  const which = { ...(count === undefined ? {} : { count }), ...(lead === undefined ? {} : { lead }) };
  switch (mode) {
    case 'drop-field':
      return typeof field === 'string' ? { mode, field, ...which } : 'drop-field needs field, such as "type"';
    case 'slow':
      return isCount(ms) ? { mode, ms, ...which } : 'slow needs ms, such as 20000';
    case 'down':
      return isCount(forMs) ? { mode, forMs } : 'down needs forMs, such as 5000: nobody can call it back';
  }
  const known = plain.find((name) => name === mode);
  if (known !== undefined) return { mode: known, ...which };
  return `mode is not one of ${[...plain, 'drop-field', 'slow', 'down'].join(', ')}`;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
