import type { Contract } from '../contract/contract.ts';
import type { ParameterStyle } from '../contract/openapi-style.ts';
import type { ExceptionPolicy } from '../exceptions/exception.ts';
import type { ApprovalPlan } from '../handoff/handoff.ts';
import type { ConfirmPlan } from '../outcome/plan.ts';
import type { SameField } from '../outcome/same.ts';
import type { Expression } from './expression.ts';

/** `person:<key>` or `team:<key>` of the project file. */
export type Ref = `person:${string}` | `team:${string}`;

/** One workflow as the deciders see it: compiled, checked, frozen. Made by `compile.ts`. */
export interface CompiledWorkflow {
  readonly name: string;
  readonly summary: string;
  /** The figure that reviews judge it by, in words; null: none is stated. */
  readonly metric: string | null;
  /** Content hash (SHA-256, hex) of everything that the decision depends on. */
  readonly version: string;
  readonly owner: Ref;
  readonly alternate: Ref;
  readonly trigger: CompiledTrigger;
  /** The transformation: the ticket's fields in the order of the file. */
  readonly fields: readonly { readonly name: string; readonly value: Expression }[];
  readonly checks: readonly CompiledCheck[];
  readonly routes: CompiledRoutes;
  readonly handoffs: readonly CompiledHandoff[];
  readonly exceptions: ExceptionPolicy;
}

export interface CompiledTrigger {
  readonly source: string;
  readonly contract: Contract;
  /** Yields the triggers of one delivery as a list. Scope: payload and headers of the whole. Null: a delivery is one. */
  readonly split: Expression | null;
  /** The field of a form that holds the payload as JSON; null: the form itself is the payload. */
  readonly jsonField: string | null;
  /** Scope: payload, headers. Null: the digest of the bytes is the identity. */
  readonly identity: Expression | null;
  readonly duplicates: Duplicates;
  readonly onInvalid: 'exception' | 'reject';
  /** Silence longer than this is an exception. */
  readonly expectEveryMs: number | null;
  /** Instead: silence that chance alone gives once in this time, by the source's own weekly pattern. */
  readonly falseAlarmEveryMs: number | null;
}

/** What becomes of the same identity again. Its window begins anew with each content that a ticket takes. */
export interface Duplicates {
  readonly withinMs: number;
  /** With other content: a person settles it, the ticket takes it, or takes it where `version` is newer. */
  readonly otherContent: 'exception' | 'update' | 'newest';
  /** Scope: payload, headers. Null but for `newest`. */
  readonly version: Expression | null;
}

export interface CompiledCheck {
  readonly id: string;
  /** Scope: payload, headers, ticket. */
  readonly that: Expression;
  readonly otherwise: string;
  readonly checklist: readonly string[];
}

export interface CompiledRoutes {
  /** Confidence below it goes to triage; 0 to 1. */
  readonly threshold: number;
  readonly rules: readonly CompiledRule[];
  readonly otherwise: 'triage' | Ref;
}

export interface CompiledRule {
  readonly to: Ref;
  readonly when: Expression | null;
  readonly signals: readonly { readonly that: Expression; readonly weight: number }[];
}

export interface CompiledHandoff {
  readonly id: string;
  /** Key of a destination in the project file. */
  readonly destination: string;
  /** Scope: payload, headers, ticket, route. Null: always. */
  readonly when: Expression | null;
  readonly request: CompiledRequest;
  readonly approval: ({ readonly when: Expression | null } & ApprovalPlan) | null;
  readonly retry: { readonly attemptsMax: number; readonly forMs: number };
  readonly outcome: CompiledOutcome;
  readonly find?: CompiledFind;
  readonly undo?: CompiledUndo;
  /** Ids of handoffs whose outcome must be confirmed first. */
  readonly after: readonly string[];
}

/** One HTTP request of a destination, named by `operationId` or by method and path. */
export interface CompiledRequest {
  /** operationId, or `POST /projects`. Shown to people. */
  readonly operation: string;
  readonly method: string;
  /** `/projects/{id}`: names in braces are filled from `parameters`. */
  readonly path: string;
  /** Where each named argument goes. */
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly value: Expression;
    /** What the document says of its value; absent where it says nothing. */
    readonly schema?: unknown;
    readonly contract?: Contract;
    readonly required?: true;
    readonly style?: ParameterStyle;
  }[];
  /** The body as JSON; leaves are expressions. Null: no body. */
  readonly body: BodyTemplate | null;
  /** What it is sent as; absent: as JSON. */
  readonly media?: string;
  readonly styles?: Readonly<Record<string, ParameterStyle>>;
  /** Set where the document takes the operation without a body too. */
  readonly bodyOptional?: true;
  /** What the destination's document says of the body and of its answer; null where it says nothing. */
  readonly requestContract: Contract | null;
  readonly responseContract: Contract | null;
}

/** A JSON shape whose leaves are expressions. */
export type BodyTemplate =
  | { readonly kind: 'expression'; readonly value: Expression }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [name: string, value: BodyTemplate])[] }
  | { readonly kind: 'array'; readonly items: readonly BodyTemplate[] };

/** The proof of a handoff. Expressions see payload, ticket, request (the body sent), response, result. */
export interface CompiledOutcome {
  /** The record is read back; null: it is proved by one of the next two. */
  readonly read: CompiledRequest | null;
  /** The target calls back. */
  readonly callback?: CompiledCallback;
  /** A person confirms it. */
  readonly confirm?: Pick<ConfirmPlan, 'by' | 'checklist' | 'remindMs'>;
  /** Must hold of `result`; null: only `same` is compared. */
  readonly that: Expression | null;
  /** From when on a record is judged for good; null: at the deadline. */
  readonly until?: Expression | null;
  readonly failWhen?: Expression | null;
  /** That there is no such record any more is the proof. */
  readonly gone?: true;
  /** Fields of the request body that must stand equal in `result`; a name alone is compared exactly. */
  readonly same: readonly (string | SameField)[];
  readonly withinMs: number;
}

export interface CompiledCallback {
  /** Null: it comes by a link. */
  readonly from: string | null;
  /** Scope: result, headers of the callback. */
  readonly match: Expression | null;
  /** Null: the handoff's own key. */
  readonly key: Expression | null;
}

/** How a handoff is taken back. Expressions see ticket, request (the body that it sent), response (its answer) and key. */
export interface CompiledUndo {
  readonly when: 'refused' | 'abandoned';
  /** Key of the destination that takes it back: mostly the one that has done it. */
  readonly destination: string;
  readonly request: CompiledRequest;
  readonly retry: { readonly attemptsMax: number; readonly forMs: number };
  /** `request` is the body of the undo, `response` still the answer to the handoff. */
  readonly outcome: CompiledOutcome;
}

/** How a destination is asked for what an attempt without an answer may have done. Expressions see ticket, request, key; then result. */
export interface CompiledFind {
  readonly read: CompiledRequest;
  /** Null: any answer with a body says that it was found. */
  readonly that: Expression | null;
  /** Stands for the answer that never came; null: what was read. */
  readonly record: Expression | null;
}
