import type { QueuedException } from '../../api/shapes.ts';

/** Which exceptions the queue shows, as the address has it. */
export interface Filter {
  readonly state?: 'open' | 'claimed' | 'resolved';
  readonly mode?: Mode;
  readonly queue?: 'triage' | 'exception';
  readonly responsible?: string;
  readonly workflow?: string;
}

export type Mode = QueuedException['mode'];

/** Every mode that the API has: one that is missing here, or that is none, does not compile. */
const allModes: Readonly<Record<Mode, true>> = {
  unparseable: true,
  contract_violation: true,
  conflicting_duplicate: true,
  transform_failed: true,
  check_failed: true,
  no_route: true,
  low_confidence: true,
  ambiguous: true,
  refused: true,
  approval_overdue: true,
  rejected: true,
  attempts_exhausted: true,
  destination_contract_violation: true,
  unconfirmed: true,
  contradicted: true,
  silent_drop: true,
  source_silent: true,
  routing_thrash: true,
  ownership_lapse: true,
  sync_stale: true,
  contract_drift: true,
  stuck: true,
  retry_storm: true,
  error_rate: true,
  unaccounted: true,
  worker_silent: true,
};

export const modes = Object.keys(allModes) as readonly Mode[];

/** What of an address is a filter; the rest is left aside. Pure. */
export function filterOf(search: Readonly<Record<string, unknown>>): Filter {
  const one = <T extends string>(name: string, of: readonly T[]) => of.find((each) => each === search[name]);
  const text = (name: string) => {
    const value = search[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return given({
    state: one('state', ['open', 'claimed', 'resolved']),
    mode: one('mode', modes),
    queue: one('queue', ['triage', 'exception']),
    responsible: text('responsible'),
    workflow: text('workflow'),
  });
}

function given(filter: { readonly [K in keyof Filter]: Filter[K] | undefined }): Filter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

export function sameFilter(a: Filter, b: Filter): boolean {
  return key(a) === key(b);
}

function key(filter: Filter): string {
  return JSON.stringify(Object.entries(filter).sort());
}
