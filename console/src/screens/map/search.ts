/** What of a workflow's map is shown, as the address has it. */
export interface MapSearch {
  /** So long back tickets are counted; absent: a day. */
  readonly window?: keyof typeof windowsMs;
  /** As a list though there is room for the drawing. */
  readonly as?: 'list';
  /** The versions that are compared. */
  readonly from?: string;
  readonly to?: string;
}

export const windowsMs = { '1h': 3_600_000, '1d': 86_400_000, '7d': 7 * 86_400_000 } as const;

export function mapSearchOf(search: Readonly<Record<string, unknown>>): MapSearch {
  const window = (['1h', '7d'] as const).find((each) => each === search.window);
  const version = (name: string) => {
    const value = search[name];
    return typeof value === 'string' && /^[\da-f]{6,64}$/.test(value) ? value : undefined;
  };
  const all = {
    window,
    as: search.as === 'list' ? ('list' as const) : undefined,
    from: version('from'),
    to: version('to'),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
