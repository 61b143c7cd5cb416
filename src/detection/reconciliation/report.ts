import { limits } from '../../limits.ts';
import type { PollEnd } from '../../poll/poll.ts';
import type { Compared, Verdict } from './compare.ts';
import type { ListedRow, RunRow } from './tables.ts';
import type { Window } from './window.ts';

/** What one comparison of a source's list with our tickets has come to. */
export interface Report {
  readonly source: string;
  readonly kind: 'list' | 'file';
  /** Nothing was stored or taken. */
  readonly dryRun: boolean;
  /** taken_over: another node has gone on with it meanwhile. */
  readonly end: PollEnd['kind'] | 'taken_over';
  /** One sentence where it failed. */
  readonly error: string | null;
  /** What is to be known of it besides, each a sentence. */
  readonly notes: readonly string[];
  /** Null: a file, which says of no time. */
  readonly window: Window | null;
  readonly listed: number;
  /** Never came; taken now, but for a dry run or where that was refused. */
  readonly missing: number;
  readonly backFilled: number;
  /** Here with other content. */
  readonly differing: number;
  /** Not here, and perhaps only late. */
  readonly waiting: number;
  /** In which no identity is. */
  readonly unidentified: number;
  /** Ours of that time that are not in the list; null: that cannot be said. */
  readonly unlisted: number | null;
  /** The first limits.pageRowsMax that are not as they should be. */
  readonly unlike: readonly Unlike[];
}

/** One that is not here, or not so. */
export interface Unlike {
  readonly identity: string;
  readonly verdict: Exclude<Verdict, 'held'>;
  /** made: a ticket of its own. revised: the ticket took it. joined: it has what is newer. told: only reported. */
  readonly became: 'made' | 'revised' | 'joined' | 'told' | null;
  readonly ticketId: string | null;
  readonly madeAt: Date | null;
}

/** The notes of a comparison. Pure. */
export function notesOf(unidentified: number, why: string | null, unlike: string | null): string[] {
  const nameless =
    unidentified === 0
      ? null
      : `${unidentified} of the list have no identity, the first because: ${why ?? 'it is empty'}`;
  return [nameless, unlike].filter((note) => note !== null).slice(0, limits.reconciliationNamedMax);
}

/** What a comparison would come to that stores nothing. What a list does not date is taken as old enough. Pure. */
export function foreseen(compared: readonly Compared[], settled: Date) {
  // The list may have moved between two pages.
  const once = [...new Map(compared.map((each) => [each.identity, each])).values()];
  const waits = ({ verdict, madeAt }: Compared) =>
    verdict === 'missing' && madeAt !== null && madeAt > settled;
  const judged = once.filter((each) => !waits(each));
  const unlike = judged.flatMap(({ identity, verdict, ticketId, madeAt }) =>
    verdict === 'held' ? [] : [{ identity, verdict, became: null, ticketId, madeAt }],
  );
  const count = (verdict: Verdict) => judged.filter((each) => each.verdict === verdict).length;
  return {
    listed: once.length,
    held: count('held'),
    missing: count('missing'),
    differs: count('differs'),
    waiting: once.length - judged.length,
    unlike: unlike.sort((a, b) => order(a) - order(b)),
  };
}

function order({ verdict }: Unlike): number {
  return verdict === 'missing' ? 0 : 1;
}

/** What a comparison came to, of its row and of what its list had. Pure. */
export function reportOf({
  kind,
  source,
  end,
  row,
  window,
  why,
  unlike,
  rows,
}: {
  readonly kind: Report['kind'];
  readonly source: string;
  readonly end: PollEnd | { readonly kind: 'taken_over' };
  readonly row: RunRow;
  readonly window: Window | null;
  readonly why: string | null;
  readonly unlike: string | null;
  readonly rows: readonly ListedRow[];
}): Report {
  return {
    source,
    kind,
    dryRun: false,
    end: end.kind,
    error: end.kind === 'failed' ? end.text : null,
    notes: notesOf(row.unidentified, why, unlike),
    window,
    listed: row.listed,
    missing: row.missing,
    backFilled: row.back_filled,
    differing: row.differing,
    waiting: row.waiting,
    unidentified: row.unidentified,
    unlisted: row.unlisted,
    unlike: rows.flatMap((listed) =>
      listed.verdict === 'held'
        ? []
        : [
            {
              identity: listed.identity,
              verdict: listed.verdict,
              became: listed.became,
              ticketId: listed.ticket_id,
              madeAt: listed.made_at,
            },
          ],
    ),
  };
}
