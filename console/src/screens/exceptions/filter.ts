/** Which exceptions the queue shows, as the address has it. */
export interface Filter {
  readonly state?: 'open' | 'claimed' | 'resolved';
  readonly mode?: Mode;
  readonly queue?: 'triage' | 'exception';
  readonly responsible?: string;
  readonly workflow?: string;
}

export const modes = [
  'unparseable',
  'contract_violation',
  'conflicting_duplicate',
  'transform_failed',
  'check_failed',
  'no_route',
  'low_confidence',
  'ambiguous',
  'refused',
  'approval_overdue',
  'rejected',
  'attempts_exhausted',
  'destination_contract_violation',
  'unconfirmed',
  'contradicted',
  'silent_drop',
  'source_silent',
  'routing_thrash',
  'ownership_lapse',
  'sync_stale',
] as const;

export type Mode = (typeof modes)[number];

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
