import { limits } from '../../limits.ts';

/** What a comparison has come to before anything is taken. */
export interface Counts {
  readonly held: number;
  readonly differs: number;
  readonly missing: number;
  /** Tickets of the source in the window; null where a list has none. */
  readonly ours: number | null;
}

/** Whether what a comparison found may be taken. */
export interface Suspicion {
  /** Why nothing is: one sentence; null: what is missing is taken. */
  readonly refused: string | null;
  /** Why other content is only told; null: it is taken as the workflow's duplicates are. */
  readonly unlike: string | null;
}

/**
 * Looks at a whole comparison for a list that is not what it is taken for. Pure.
 * Where nothing of a list is among our tickets of its time, its identities are written otherwise, and taking it would
 * make every ticket twice. Where most of it differs, its content is: taking that would be an exception each.
 */
export function suspicion(source: string, { held, differs, missing, ours }: Counts): Suspicion {
  const none = missing > 0 && held + differs === 0 && (ours ?? 0) > 0;
  const unlike = differs >= limits.reconciliationUnlikeMin && differs > held;
  return {
    refused: none
      ? `Nothing of the list of ${source} (${missing}) is among our ${ours} tickets of its time: its identities seem to be written otherwise, and nothing was taken`
      : null,
    unlike: unlike
      ? `Most of what is here too differs (${differs} of ${differs + held}): the list seems to be written otherwise than what comes, and other content was not taken`
      : null,
  };
}
