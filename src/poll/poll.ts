/**
 * How far a source has been read.
 *
 * A round reads the list from its first page to its last. The cursor moves when the last page has been committed, so
 * that it does not matter in which order the list is; until then `round` says where to go on.
 */
export interface Position {
  /** What the requests of a round see; JSON. */
  readonly cursor: unknown;
  /** Null between rounds. */
  readonly round: Round | null;
}

/** A round under way. */
export interface Round {
  /** What the cursor expression has come to so far. */
  readonly reached: unknown;
  /** The page that is read next, from 2. */
  readonly page: number;
  /** Its parameters, as the page before named them. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** How one poll ended. */
export type PollEnd =
  /** The list has been read to its end. */
  | { readonly kind: 'caught_up' }
  /** As many pages as one poll reads, and there are more. */
  | { readonly kind: 'more' }
  /** This node is stopping. */
  | { readonly kind: 'interrupted' }
  /** Intake or the database took nothing: no fault of the source. */
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number }
  | {
      readonly kind: 'failed';
      /** One sentence for a person. */
      readonly text: string;
      /** The Retry-After header as it came. */
      readonly retryAfter: string | null;
      /** What the pages before have led to is no longer of use: the round begins again. */
      readonly restart: boolean;
    };
