import type { WorkflowMapFigures } from '../../api/house.ts';
import type { Mode } from '../exceptions/filter.ts';
import { type RungName, rungNames } from '../tickets/ladder.ts';

/** A workflow's map as the ladder: each rung with its exits, what stands there, and whose it is. Pure. */

export interface Exit {
  readonly mode: Mode;
  /** Not resolved, however old. */
  readonly open: number;
  /** Of the time shown. */
  readonly stopped: number;
}

/** What stands on the other side of a rung: where it comes from, whom it goes to, what is asked. */
export type Beside =
  | { readonly kind: 'source'; readonly source: string }
  | { readonly kind: 'person'; readonly ref: string }
  | {
      readonly kind: 'handoff';
      readonly id: string;
      readonly destination: string;
      readonly state: 'closed' | 'open' | 'recovering' | 'paused';
      /** That go to it now, or wait to. */
      readonly sending: number;
    };

export interface MapRung {
  readonly name: RungName;
  /** That nothing before it has stopped; null: it is not counted. */
  readonly reached: number | null;
  /** That are at this rung now; null: nothing stays there. */
  readonly here: number | null;
  readonly exits: readonly Exit[];
  readonly open: number;
  /** On whom what stops here is. */
  readonly owners: readonly string[];
  readonly beside: readonly Beside[];
  /** `triage`: people are asked where it goes; `failing`: something is in their queue. */
  readonly mood: 'calm' | 'triage' | 'failing';
}

/** The exits of the ladder, in its order: also those that nothing has taken. */
const exits: Readonly<Partial<Record<RungName, readonly Mode[]>>> = {
  contract: ['unparseable', 'contract_violation'],
  dedupe: ['conflicting_duplicate'],
  transform: ['transform_failed'],
  checks: ['check_failed'],
  routing: ['no_route', 'low_confidence', 'ambiguous'],
  approval: ['refused', 'approval_overdue'],
  handoff: ['rejected', 'attempts_exhausted', 'destination_contract_violation'],
  outcome: ['unconfirmed', 'contradicted'],
};

export function rungsOf(map: WorkflowMapFigures): MapRung[] {
  const figures = new Map(map.rungs.map((rung) => [rung.rung, rung]));
  const sum = (name: 'awaiting_approval' | 'waiting' | 'sending' | 'confirming') =>
    map.handoffs.reduce((total, handoff) => total + handoff[name], 0);
  const here: Partial<Record<RungName, number>> = {
    approval: sum('awaiting_approval'),
    handoff: sum('sending') + sum('waiting'),
    outcome: sum('confirming'),
  };
  return rungNames.map((name): MapRung => {
    const at = figures.get(name);
    const count = (of: readonly { mode: string; count: number }[] | undefined, mode: Mode) =>
      of?.find((row) => row.mode === mode)?.count ?? 0;
    const own = (exits[name] ?? []).map((mode) => ({
      mode,
      open: count(at?.open, mode),
      stopped: count(at?.stopped, mode),
    }));
    const open = own.reduce((total, exit) => total + exit.open, 0);
    return {
      name,
      reached: name === 'intake' ? map.received : name === 'done' ? map.done : (at?.reached ?? null),
      here: here[name] ?? null,
      exits: own,
      open,
      owners: name === 'intake' || name === 'done' ? [map.owner] : (at?.owners ?? []),
      beside: besideOf(name, map),
      mood: open === 0 ? 'calm' : name === 'routing' ? 'triage' : 'failing',
    };
  });
}

function besideOf(name: RungName, map: WorkflowMapFigures): Beside[] {
  if (name === 'intake') return [{ kind: 'source', source: map.source }];
  if (name === 'routing') return map.routes.map((ref) => ({ kind: 'person', ref }));
  if (name === 'approval') {
    const asked = map.handoffs.flatMap(({ approval_by }) => approval_by ?? []);
    return [...new Set(asked)].map((ref) => ({ kind: 'person', ref }));
  }
  if (name !== 'handoff') return [];
  return map.handoffs.map(({ id, destination, destination_state: state, sending }) => ({
    kind: 'handoff',
    id,
    destination,
    state,
    sending,
  }));
}

/** Where one sees what stands at a rung: an address of the exceptions or of the tickets. */
export type Whereabouts =
  | { readonly to: '/exceptions'; readonly search: { workflow: string; mode?: Mode; queue?: 'triage' } }
  | { readonly to: '/tickets'; readonly search: { workflow: string; state?: 'handoff' | 'done' } };

export function whereaboutsOf(rung: MapRung, workflow: string): Whereabouts {
  const open = rung.exits.filter((exit) => exit.open > 0);
  const most = open.toSorted((a, b) => b.open - a.open)[0];
  if (rung.name === 'routing' && open.length > 1) {
    return { to: '/exceptions', search: { workflow, queue: 'triage' } };
  }
  if (most !== undefined) return { to: '/exceptions', search: { workflow, mode: most.mode } };
  if (rung.name === 'done') return { to: '/tickets', search: { workflow, state: 'done' } };
  if (rung.here !== null) return { to: '/tickets', search: { workflow, state: 'handoff' } };
  return { to: '/tickets', search: { workflow } };
}

/** What an exit leads to: what is open, or, where all is settled, what was. */
export function exitSearchOf({ mode, open }: Exit, workflow: string) {
  return { workflow, mode, ...(open === 0 && { state: 'resolved' as const }) };
}
