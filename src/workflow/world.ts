import type { Directory } from './compile-parts.ts';
import type { DestinationParts } from './compile-request.ts';
import type { Documents } from './documents.ts';

/** What a workflow file is compiled in: everything outside of it that its decisions depend on. */
export interface World {
  readonly documents: Documents;
  readonly destinations: ReadonlyMap<string, DestinationParts>;
  /**
   * The names that may be referred to. Null where a stored version is compiled again: its names were
   * checked when it was deployed, and people who left since must not break what is in flight.
   */
  readonly directory: Directory | null;
}
