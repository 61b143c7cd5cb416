import { canonical } from '../audit/encoding.ts';

/** One field that must stand in the target as it was sent. `found` is absent where the record has no such field. */
export interface ComparedField {
  readonly field: string;
  readonly sent?: unknown;
  readonly found?: unknown;
  readonly equal: boolean;
}

/**
 * Compares the named top-level fields of what was sent with the record that was read back. Pure.
 * Equal means the same canonical JSON (RFC 8785): the order of keys and the spelling of a number do not matter.
 */
export function compareFields(sent: unknown, result: unknown, same: readonly string[]): ComparedField[] {
  return same.map((field) => {
    const before = fieldOf(sent, field);
    const after = fieldOf(result, field);
    return {
      field,
      ...(before !== undefined && { sent: before }),
      ...(after !== undefined && { found: after }),
      equal: before !== undefined && after !== undefined && text(before) === text(after),
    };
  });
}

function fieldOf(record: unknown, field: string): unknown {
  if (typeof record !== 'object' || record === null || !Object.hasOwn(record, field)) return undefined;
  return (record as Record<string, unknown>)[field];
}

/** Foreign text may hold lone surrogates, which canonical JSON refuses: those compare by their plain JSON. */
function text(value: unknown): string {
  try {
    return canonical(value);
  } catch {
    return JSON.stringify(value);
  }
}
