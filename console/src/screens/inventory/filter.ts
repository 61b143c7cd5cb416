import type { Chain } from '../../api/house.ts';

/** Which chains are listed, as the address has it. */
export interface InventoryFilter {
  /** Somewhere in its names. */
  readonly q?: string;
  readonly health?: Chain['health'];
  /** Owner or alternate. */
  readonly owner?: string;
}

export const healths = ['failing', 'silent', 'good', 'quiet'] as const satisfies readonly Chain['health'][];

export function inventoryFilterOf(search: Readonly<Record<string, unknown>>): InventoryFilter {
  const text = (name: string) => {
    const value = search[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const health = healths.find((each) => each === search.health);
  const all = { q: text('q'), health, owner: text('owner') };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Pure. */
export function fits(chain: Chain, { q, health, owner }: InventoryFilter): boolean {
  const names = [
    chain.workflow,
    chain.summary,
    chain.source,
    ...chain.destinations,
    chain.owner,
    chain.alternate,
  ];
  return (
    (health === undefined || chain.health === health) &&
    (owner === undefined || chain.owner === owner || chain.alternate === owner) &&
    (q === undefined || names.some((name) => name.toLowerCase().includes(q.toLowerCase())))
  );
}
