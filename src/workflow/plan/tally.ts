import { limits } from '../../limits.ts';
import type { RecordedTrigger } from '../../ticket/recorded/recorded.ts';
import type { Compared } from './compare.ts';
import { type Difference, differenceOf, isChange } from './difference.ts';
import { type Metric, metrics } from './metrics.ts';
import { placeAndCause, placeOf, type Standing, standingThen } from './standing.ts';

/** Tickets that differ in the same way. */
export interface Group {
  readonly workflow: string;
  readonly from: string;
  readonly to: string;
  count: number;
  /** The newest ids, newest first. */
  examples: string[];
}

/** What has been counted so far. Two of them are added with `addTally`; its size does not depend on how much was counted. */
export interface Tally {
  readonly counts: Record<Metric, number>;
  /** Tickets that were decided again. */
  decided: number;
  /** From and to, in the words of `placeOf`. */
  readonly places: Map<string, { readonly from: string; readonly to: string; count: number }>;
  readonly groups: Map<string, Group>;
  /** Changed tickets whose groups there was no more room for. */
  ungrouped: number;
}

export function newTally(): Tally {
  const counts = Object.fromEntries(Object.keys(metrics).map((metric) => [metric, 0]));
  return {
    counts: counts as Record<Metric, number>,
    decided: 0,
    places: new Map(),
    groups: new Map(),
    ungrouped: 0,
  };
}

/** Counts one recorded trigger. */
export function count(tally: Tally, recorded: RecordedTrigger, compared: Compared): void {
  const { counts } = tally;
  counts.tickets += 1;
  switch (compared.kind) {
    case 'erased':
      counts.erased += 1;
      return;
    case 'not_taken':
      counts['not-taken'] += 1;
      counts.changed += 1;
      addGroup(
        tally,
        groupOf(recorded, placeOf(standingThen(recorded)), 'not taken: no workflow reads its source'),
      );
      return;
    case 'split':
      counts.split += 1;
      counts.changed += 1;
      addGroup(tally, groupOf(recorded, placeOf(standingThen(recorded)), 'split into several tickets'));
      return;
    case 'decided':
      countDecided(tally, recorded, compared.before, compared.after);
  }
}

/** Adds what another has counted. */
export function addTally(tally: Tally, other: Tally): void {
  for (const [metric, value] of Object.entries(other.counts)) tally.counts[metric as Metric] += value;
  tally.decided += other.decided;
  tally.ungrouped += other.ungrouped;
  for (const place of other.places.values()) addPlace(tally, place);
  for (const group of other.groups.values()) addGroup(tally, group);
}

function countDecided(tally: Tally, recorded: RecordedTrigger, before: Standing, after: Standing): void {
  const { counts } = tally;
  const difference = differenceOf(before, after);
  tally.decided += 1;
  addPlace(tally, { from: placeOf(before), to: placeOf(after), count: 1 });
  for (const metric of metricsOf(difference)) counts[metric] += 1;
  if (before.exception?.mode === 'unparseable' && after.exception?.mode === 'unparseable') {
    counts.unparseable += 1;
  }
  if (!isChange(difference)) return;
  counts.changed += 1;
  const { from, to } = labels(before, after, difference);
  addGroup(tally, groupOf(recorded, from, to));
}

function metricsOf(difference: Difference): Metric[] {
  const found: [Metric, boolean][] = [
    ['state', difference.state],
    ['route', difference.route],
    ['owner', difference.owner],
    ['confidence', difference.confidence],
    ['new-exceptions', difference.exception === 'new'],
    ['gone-exceptions', difference.exception === 'gone'],
    ['other-exceptions', difference.exception === 'other'],
    ['new-triage', difference.triage === 'new'],
    ['gone-triage', difference.triage === 'gone'],
    ['new-handoffs', difference.newHandoffs.length > 0],
    ['gone-handoffs', difference.goneHandoffs.length > 0],
    ['changed-requests', difference.changedRequests.length > 0],
    ['changed-identities', difference.identity],
  ];
  return found.flatMap(([metric, holds]) => (holds ? [metric] : []));
}

/** Where both stand in the same place, what else is different tells them apart. */
function labels(before: Standing, after: Standing, difference: Difference): { from: string; to: string } {
  const [from, to] = [placeAndCause(before), placeAndCause(after)];
  if (placeOf(before) !== placeOf(after)) return { from, to };
  if (difference.owner) return { from: `${from} (${ownerOf(before)})`, to: `${to} (${ownerOf(after)})` };
  const handoffs = [
    ...difference.newHandoffs.map((id) => `hands off ${id}`),
    ...difference.goneHandoffs.map((id) => `no longer hands off ${id}`),
    ...difference.changedRequests.map((what) => `sends otherwise ${what}`),
  ];
  return { from, to: handoffs.length === 0 ? to : `${to}, ${handoffs.join(', ')}` };
}

function ownerOf({ exception, owner }: Standing): string {
  return exception === null ? owner : `${owner}, exception on ${exception.owner}`;
}

function groupOf({ workflow, ticket }: RecordedTrigger, from: string, to: string): Group {
  return { workflow, from, to, count: 1, examples: [ticket] };
}

function addPlace({ places }: Tally, { from, to, count }: { from: string; to: string; count: number }): void {
  const key = `${from}\0${to}`;
  const known = places.get(key);
  if (known === undefined) places.set(key, { from, to, count });
  else known.count += count;
}

function addGroup(tally: Tally, group: Group): void {
  const key = `${group.workflow}\0${group.from}\0${group.to}`;
  const known = tally.groups.get(key);
  if (known !== undefined) {
    known.count += group.count;
    known.examples = [...known.examples, ...group.examples].sort().reverse().slice(0, limits.planExamplesMax);
  } else if (tally.groups.size < limits.planGroupsMax) {
    tally.groups.set(key, { ...group });
  } else tally.ungrouped += group.count;
}
