import type { Exception } from '../../api/shapes.ts';
import type { ComparedField } from '../tickets/Compared.tsx';

/** What the particulars of an exception say, by their form. Pure. */

export interface Complaint {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
  readonly repair?: { readonly text: string };
}

/** The violations of a contract. */
export function complaintsOf({ detail }: Pick<Exception, 'detail'>): readonly Complaint[] {
  return Array.isArray(detail.violations) ? detail.violations.filter(isComplaint) : [];
}

function isComplaint(value: unknown): value is Complaint {
  return typeof value === 'object' && value !== null && 'path' in value && 'message' in value;
}

/** What was sent with what was found; null where nothing was compared. */
export function comparedOf({ detail }: Pick<Exception, 'detail'>): readonly ComparedField[] | null {
  const { compared } = detail;
  return Array.isArray(compared) && compared.length > 0 ? (compared as ComparedField[]) : null;
}

/** The rest, as names with texts. */
export function otherDetailOf({ detail }: Pick<Exception, 'detail'>): [name: string, value: string][] {
  return Object.entries(detail)
    .filter(([name, value]) => name !== 'violations' && name !== 'compared' && value !== null)
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
}
