import type { ParameterStyle } from '../contract/openapi-style.ts';
import type { AttemptResult } from '../db/schema.ts';
import type { ExceptionPolicy } from '../exceptions/exception.ts';
import type { OutcomePlan } from '../outcome/plan.ts';
import type { Ref } from '../workflow/workflow.ts';

/** A promise to do something in another system, as decided: everything frozen that it needs. Stored as JSON. */
export interface HandoffDraft {
  /** Its id in the workflow file. */
  readonly handoff: string;
  readonly destination: string;
  readonly request: HandoffRequest;
  readonly retry: { readonly attemptsMax: number; readonly forMs: number };
  readonly outcome: OutcomePlan;
  /** How the destination is asked for what an attempt without an answer may have done; absent: it cannot be. */
  readonly find?: FindPlan;
  /** How it is taken back; absent: it cannot be. */
  readonly undo?: UndoPlan;
  /** Set where this is the taking back of another. */
  readonly undoes?: Undoes;
  readonly approval: ApprovalPlan | null;
  /** Handoffs of the same decision whose outcome must be confirmed first. */
  readonly after: readonly string[];
  /** The policy in force when it was decided: a later edit of the workflow changes nothing in flight. */
  readonly exceptions: ExceptionPolicy;
}

/** Who is asked for a yes, and how. What an older row does not have, nobody asked for. */
export interface ApprovalPlan {
  readonly by: Ref;
  readonly withinMs: number;
  /** Who is asked too when the time has passed, and how long they have then. */
  readonly alternate?: Ref;
  readonly alternateMs?: number;
  /** So long before the deadline whoever is asked is reminded. */
  readonly remindMs?: number;
  /** Whoever has acted on the ticket does not count. */
  readonly fourEyes?: true;
  /** So many people have to say yes; one where it is not said. */
  readonly approvals?: number;
}

export interface HandoffRequest {
  /** operationId or `POST /projects`. */
  readonly operation: string;
  readonly method: string;
  /** Path and query, filled and escaped: `/projects?x=1`. Joined to the destination's url. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as JSON; undefined: none. */
  readonly body?: unknown;
  /** What it is written in where that is not JSON, or not JSON's own type. */
  readonly media?: string;
  /** How fields of a form are written, where the document says. */
  readonly styles?: Readonly<Record<string, ParameterStyle>>;
}

/** An operation whose arguments are evaluated later: their expressions as text. */
export interface PlannedOperation {
  readonly operation: string;
  readonly method: string;
  /** Path template, `/projects/{id}`. */
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly value: string;
    readonly style?: ParameterStyle;
  }[];
}

/** Expressions see ticket, request (the body sent) and key (the idempotency key); `that` and `record` also result. */
export interface FindPlan extends PlannedOperation {
  /** Whether it was found; null: any answer with a body says so. */
  readonly that: string | null;
  /** What stands for the answer that never came; null: what was read. */
  readonly record: string | null;
}

/** How a handoff is taken back. Its expressions see ticket, request (the body sent), response (its answer) and key. */
export interface UndoPlan {
  /** At once when one that comes after it is refused, or only when the work is given up. */
  readonly when: 'refused' | 'abandoned';
  /** Who takes it back; absent: the destination that has done it. */
  readonly destination?: string;
  readonly request: PlannedOperation &
    Pick<HandoffRequest, 'media' | 'styles'> & { readonly body?: PlannedBody };
  readonly retry: HandoffDraft['retry'];
  readonly outcome: OutcomePlan;
}

/** A JSON shape whose leaves are expressions as text. */
export type PlannedBody =
  | { readonly kind: 'expression'; readonly value: string }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [name: string, value: PlannedBody])[] }
  | { readonly kind: 'array'; readonly items: readonly PlannedBody[] };

/** The handoff that is taken back. */
export interface Undoes {
  /** Its sequence on the ticket, and the key that it was sent with. */
  readonly seq: number;
  readonly key: string;
  /** Where it stands; absent: at the destination that takes it back. */
  readonly at?: string;
  /** What its destination answered: `response` of every expression of an undo. */
  readonly response: unknown;
  /** Set where the request could not be made of that answer: there is nothing to send. */
  readonly unmade?: true;
}

/** What came of one attempt. Nothing in it is a secret. */
export interface AttemptOutcome {
  /** not_sent: no byte of the request left. unknown: it may have arrived. */
  readonly result: AttemptResult;
  /** HTTP status; null where none came. */
  readonly status: number | null;
  /** One sentence for a person: "pm-tool refused the connection at 127.0.0.1:4010". */
  readonly detail: string;
  /** The parsed JSON of an answer; undefined where it was empty or not JSON. Integers beyond 2^53 are the text of their digits. */
  readonly body?: unknown;
  /** The same with those integers as JSON readers read them, where there are some: what a document says of numbers holds of it. */
  readonly rounded?: unknown;
  /** The start of the answer's text, at most limits.responseExcerptChars. */
  readonly excerpt: string | null;
  /** The Retry-After header as it came. */
  readonly retryAfter: string | null;
  /** Set where trying again changes nothing until somebody has mended something. */
  readonly final?: true;
  /** Set where the destination was not sent anything, but asked, and had it already. */
  readonly found?: true;
}
