import type { AnswerOf } from '../../api/client.ts';
import type { Column } from '../../parts/csv.ts';
import { texts } from '../../texts/people.ts';

export type Answerable = AnswerOf<'listPeople'>['people'][number];

/** How somebody can be reached, in words, and whether that is bad. Pure. */
export function reachOf({ kind, email, reachable, away }: Answerable): {
  readonly text: string;
  readonly cover: string | null;
  readonly mood: 'good' | 'warn' | 'bad';
} {
  if (away !== null) {
    const mood = reachable ? 'warn' : 'bad';
    return { text: texts.reach.away(away.until), cover: away.cover, mood };
  }
  if (reachable) return { text: texts.reach.here, cover: null, mood: 'good' };
  const why =
    kind === 'team' ? texts.reach.noMember : email === null ? texts.reach.noAddress : texts.reach.none;
  return { text: why, cover: null, mood: 'bad' };
}

export function openOf({ exceptions_open, exceptions_claimed, approvals, outcomes }: Answerable): number {
  return exceptions_open + exceptions_claimed + approvals + outcomes;
}

export const columns: readonly Column<Answerable>[] = [
  { name: 'ref', value: (row) => row.ref },
  { name: 'kind', value: (row) => row.kind },
  { name: 'name', value: (row) => row.name },
  { name: 'email', value: (row) => row.email },
  { name: 'members', value: (row) => row.members.join(' ') },
  { name: 'teams', value: (row) => row.teams.join(' ') },
  { name: 'workflows', value: (row) => row.workflows.join(' ') },
  { name: 'sources', value: (row) => row.sources.join(' ') },
  { name: 'exceptions_open', value: (row) => row.exceptions_open },
  { name: 'exceptions_claimed', value: (row) => row.exceptions_claimed },
  { name: 'exceptions_late', value: (row) => row.exceptions_late },
  { name: 'approvals', value: (row) => row.approvals },
  { name: 'outcomes', value: (row) => row.outcomes },
  { name: 'reachable', value: (row) => String(row.reachable) },
  { name: 'away_until', value: (row) => row.away?.until ?? null },
  { name: 'cover', value: (row) => row.away?.cover ?? null },
];
