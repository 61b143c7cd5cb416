import { limits } from '../limits.ts';
import { formatDuration, parseDuration } from './duration.ts';
import type { Place } from './place.ts';
import { suggest } from './suggest.ts';
import type { Ref } from './workflow.ts';

/** The small parts that sections are compiled from. Each reports what is wrong and returns something of its type. */

/** The names that a workflow may refer to. */
export interface Directory {
  readonly people: ReadonlySet<string>;
  readonly teams: ReadonlySet<string>;
  readonly sources: ReadonlySet<string>;
}

/** Reads a duration; where it is absent, the default; where it is none, 0 (the schema has reported it). */
export function durationAt(place: Place, absentMs = 0): number {
  if (place.value === undefined) return absentMs;
  const duration = parseDuration(place.text());
  return 'ms' in duration ? duration.ms : 0;
}

/** Reads a person or team and reports one that the project does not have. */
export function referenceAt(place: Place, directory: Directory | null): Ref {
  const text = place.text();
  const [, kind = '', key = ''] = /^(person|team):(.+)$/.exec(text) ?? [];
  if (directory !== null && kind !== '') {
    const [here, there] =
      kind === 'person' ? [directory.people, directory.teams] : [directory.teams, directory.people];
    if (!here.has(key)) {
      const other = kind === 'person' ? 'team' : 'person';
      const near = suggest(key, here);
      const meant = there.has(key) ? `${other}:${key}` : near === null ? null : `${kind}:${near}`;
      place.report({
        code: 'SB120',
        message: `there is no ${text}${meant === null ? '' : `, did you mean \`${meant}\`?`}`,
        help: `work that nobody owns is lost: name one of ${listed(kind, here)}, or add it to signalbox.yaml`,
      });
    }
  }
  return text as Ref;
}

/** Reports an alternate who is the owner. */
export function reportSameOwner(owner: Ref, alternate: Ref, place: Place): void {
  if (owner !== alternate || owner === ('' as Ref)) return;
  place.report({
    code: 'SB125',
    message: `${alternate} is both owner and alternate`,
    help: 'the alternate takes over when the owner is away: name somebody else',
  });
}

/** Reports an id that stands before in the same list. */
export function reportTwice(places: readonly Place[], what: string): void {
  const seen = new Set<string>();
  for (const place of places) {
    const id = place.text();
    if (id !== '' && seen.has(id)) {
      place.report({
        code: 'SB126',
        message: `there are two ${what} with the name \`${id}\``,
        help: 'entries and commands call them by their name: give each its own',
      });
    }
    seen.add(id);
  }
}

/** Reports a resolution SLA that ends before the TTL. */
export function reportDeadlines(ttlMs: number, resolveWithinMs: number, place: Place): void {
  if (ttlMs === 0 || resolveWithinMs === 0 || ttlMs <= resolveWithinMs) return;
  place.report({
    code: 'SB129',
    message: `ttl (${formatDuration(ttlMs)}) is longer than resolve_within (${formatDuration(resolveWithinMs)})`,
    help: 'an exception is first taken (ttl), then settled (resolve_within): make ttl the shorter one',
  });
}

export function listed(kind: string, keys: Iterable<string>): string {
  const all = [...keys].map((key) => (kind === '' ? key : `${kind}:${key}`));
  if (all.length === 0) return '(there are none yet)';
  return all.length > 8 ? `${all.slice(0, 8).join(', ')}, … (${all.length})` : all.join(', ');
}

export function textsAt(place: Place): readonly string[] {
  return place.elements().map((element) => element.text());
}

export const defaults = {
  duplicatesMs: 30 * 86_400_000,
  threshold: 0.8,
  claimLeaseMs: limits.claimLeaseMs,
} as const;
