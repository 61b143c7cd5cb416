import type { Ref } from '../workflow/workflow.ts';

/** A promise to do something in another system, as decided: everything frozen that it needs. Stored as JSON. */
export interface HandoffDraft {
  /** Its id in the workflow file. */
  readonly handoff: string;
  readonly destination: string;
  readonly request: HandoffRequest;
  readonly retry: { readonly attemptsMax: number; readonly forMs: number };
  readonly outcome: OutcomePlan;
  readonly approval: { readonly by: Ref; readonly withinMs: number } | null;
  readonly after: readonly string[];
}

export interface HandoffRequest {
  /** operationId or `POST /projects`. */
  readonly operation: string;
  readonly method: string;
  /** Path and query, filled and escaped: `/projects?x=1`. Joined to the destination's url. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON body; undefined: none. */
  readonly body?: unknown;
}

/** The outcome's rules with their expressions as text: compiled again when the outcome is probed. */
export interface OutcomePlan {
  readonly operation: string;
  readonly method: string;
  /** Path template, `/projects/{id}`. */
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly value: string;
  }[];
  readonly that: string | null;
  readonly same: readonly string[];
  readonly withinMs: number;
}
