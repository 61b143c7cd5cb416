import type { Role } from '../db/schema-accounts.ts';
import type { ExceptionPolicy } from '../exceptions/exception.ts';
import type { DestinationRate } from '../handoff/pace/allowance.ts';
import type { Challenge } from '../intake/challenge.ts';
import type { SchemeName } from '../intake/presets.ts';
import type { SignatureScheme } from '../intake/schemes.ts';
import type { Expression } from './expression.ts';
import type { CompiledRequest, CompiledWorkflow, Ref } from './workflow.ts';

/** A project as loaded: `signalbox.yaml` and its workflows, checked. Secrets stay references until a shell needs them. */
export interface Project {
  readonly name: string;
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** Where others reach it, without a slash at the end; absent: nobody has said. */
    readonly publicUrl?: string;
    /** What links are signed with; absent: a key of its own. */
    readonly linkSecret?: SecretRef;
    readonly trustedProxies: readonly string[];
  };
  readonly signIn: SignIn;
  readonly sources: ReadonlyMap<string, Source>;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly people: ReadonlyMap<string, Person>;
  readonly teams: ReadonlyMap<string, Team>;
  /** By name. Exactly one workflow reads a source. */
  readonly workflows: ReadonlyMap<string, CompiledWorkflow>;
  readonly detection: Detection;
  /** Null: nobody outside is called. */
  readonly heartbeat: {
    readonly url: string;
    readonly everyMs: number;
    readonly allowPrivate: boolean;
  } | null;
  /** Per workflow name: the canonical JSON text whose SHA-256 is the version; enough to compile it again. */
  readonly bundles: ReadonlyMap<string, string>;
}

/** `{ env: NAME }` or `{ file: path }`; several values are valid at once while a secret rotates. */
export type SecretRef = { readonly env: string } | { readonly file: string };

/** How people sign in. */
export interface SignIn {
  /** Where people reach the console; null: where the server listens. */
  readonly url: string | null;
  /** A session that is not used for so long ends. */
  readonly idleMs: number;
  /** Seals the secrets of one-time codes; null: the key of the data folder does. */
  readonly secret: SecretRef | null;
  readonly oidc: Oidc | null;
}

/** Single sign-on. */
export interface Oidc {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Null: a public client, which PKCE alone protects. */
  readonly secret: SecretRef | null;
  readonly scopes: readonly string[];
  /** Roles of the account that a first sign-in makes; empty: it makes none. */
  readonly roles: readonly Role[];
}

export interface Source {
  readonly key: string;
  readonly summary: string;
  readonly owner: Ref;
  /** Null: it sends nothing by itself, and `POST /in/<key>` takes nothing. */
  readonly verify: Verify | null;
  /** The address that its sender calls, without a query; null: it matters to nothing that is signed. */
  readonly publicUrl: string | null;
  /** Null: its sender asks nothing before it sends. */
  readonly challenge: { readonly challenge: Challenge; readonly secrets: readonly SecretRef[] } | null;
  /** Null: it is not asked. */
  readonly poll: Poll | null;
  /** Null: it has no list to hold our tickets against. */
  readonly reconcile: Reconcile | null;
  /** What its bodies are, whatever its sender says; null: what its sender says. */
  readonly contentType: string | null;
  /** Body bound in bytes; at most limits.bodyBytesMax. */
  readonly bodyBytesMax: number;
  /** Null: only what all sources share bounds it. */
  readonly rateLimit: RateLimit | null;
  /** Whoever hands a trigger of it in over the API has to name the request, so that a repeat is known as one. */
  readonly requiresIdempotencyKey: boolean;
}

/** How many requests a source may send. Each node counts for itself. */
export interface RateLimit {
  readonly requests: number;
  /** Whole seconds. */
  readonly perMs: number;
  /** At once, after a silence; default: `requests`. */
  readonly burst: number;
}

/** A source that sends by itself: `POST /in/<key>` is its address. */
export interface Sender extends Source {
  readonly verify: Verify;
}

/** Every secret that a source needs. */
export function secretRefs({ verify, challenge }: Source): readonly SecretRef[] {
  const own = verify === null || verify.scheme === 'none' ? [] : verify.secrets;
  return [...new Set([...own, ...(challenge?.secrets ?? [])])];
}

export function isSender(source: Source | undefined): source is Sender {
  return source !== undefined && source.verify !== null;
}

/** A list that a destination answers page by page. Expressions see `page`, after an answer also `response` and `last`. */
export interface Listing {
  /** Key of the destination that is read: its address, credential and timeout count. */
  readonly from: string;
  readonly request: CompiledRequest;
  /** The list in an answer; each element is a trigger. */
  readonly triggers: Expression;
  /** Null: a round is one page. */
  readonly nextPage: {
    readonly when: Expression;
    /** They replace those of the request that have the same name. */
    readonly parameters: CompiledRequest['parameters'];
  } | null;
  /** Pages read at a stretch. */
  readonly pagesMax: number;
}

/** How a source is asked for its triggers. Its expressions also see `cursor`. */
export interface Poll extends Listing {
  readonly everyMs: number;
  /** The first cursor, as JSON. */
  readonly start: unknown;
  readonly cursor: Expression;
}

/** The source's own list, which our tickets are held against. Its expressions also see `window`. */
export interface Reconcile extends Listing {
  readonly everyMs: number;
  /** How far back each comparison reaches. */
  readonly lookbackMs: number;
  /** What is younger may still come by itself. */
  readonly settleMs: number;
  /** What was made before is not compared; null: all that the window holds. */
  readonly since: Date | null;
  /** When an element was made at the source. Scope: element. Null: the list does not say. */
  readonly at: Expression | null;
  /** The request ends the list at `window.until`: all that it holds was made before. */
  readonly endsAtUntil: boolean;
}

/** How a source proves itself; every secret is valid. */
export type Verify =
  | { readonly scheme: 'none' }
  | {
      /** The preset that it is made from, or `custom`: for people. */
      readonly scheme: SchemeName;
      readonly secrets: readonly SecretRef[];
      readonly signature: SignatureScheme;
    };

export const connectorNames = ['http', 'webhook', 'slack', 'slack-webhook', 'email', 'postgresql'] as const;
export type ConnectorName = (typeof connectorNames)[number];

export interface Destination {
  readonly key: string;
  readonly summary: string;
  readonly connector: ConnectorName;
  /** Base address; paths are appended. No credentials in it. Empty where the address itself is the secret. */
  readonly url: string;
  readonly auth:
    | { readonly scheme: 'none' }
    | { readonly scheme: 'bearer'; readonly secret: SecretRef }
    | { readonly scheme: 'basic'; readonly username: string; readonly secret: SecretRef }
    | { readonly scheme: 'header'; readonly header: string; readonly secret: SecretRef }
    | { readonly scheme: 'query'; readonly parameter: string; readonly secret: SecretRef }
    | OAuth2
    /** Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`. */
    | { readonly scheme: 'signed'; readonly secret: SecretRef }
    /** The secret is the whole address. */
    | { readonly scheme: 'url'; readonly secret: SecretRef };
  readonly idempotencyHeader: string;
  readonly timeoutMs: number;
  /** Addresses of private networks and this machine are refused unless true. */
  readonly allowPrivate: boolean;
  /** How much may be sent to it; absent: what limits.ts says. */
  readonly pace?: Pace;
  /** When records that were confirmed are read again; null: never. */
  readonly readAgain: ReadAgain | null;
  /** Of the parts of an attempt, within timeoutMs. */
  readonly timeouts: { readonly connectMs: number; readonly headersMs: number; readonly bodyMs: number };
  /** Certificates (PEM) of authorities that are trusted besides the known ones; null: none. */
  readonly ca: SecretRef | null;
  /** Of an `email` destination: the sender of its mail. */
  readonly from: string | null;
}

export interface Pace {
  /** Handoffs that one node works on at once. */
  readonly concurrency?: number;
  /** Null: only its concurrency bounds it. */
  readonly rate?: DestinationRate | null;
}

export interface ReadAgain {
  /** Each so long after the confirmation, ascending. */
  readonly afterMs: readonly number[];
  /** Two readings are no closer than this. */
  readonly everyMs: number;
}

/** How what nobody reported is looked for and settled. */
export interface Detection {
  /** Of what concerns no one workflow; null: that of the first workflow. */
  readonly policy: ExceptionPolicy | null;
  readonly stuckAfterMs: number;
}

/** Client credentials; the secret is the client's. */
export interface OAuth2 {
  readonly scheme: 'oauth2';
  readonly secret: SecretRef;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly scope: string | null;
  readonly audience: string | null;
  /** Where client id and secret go. */
  readonly clientAuth: 'basic' | 'body';
}

/** Every secret that a destination needs. */
export function destinationSecrets({ auth, ca }: Destination): readonly SecretRef[] {
  return [...(auth.scheme === 'none' ? [] : [auth.secret]), ...(ca === null ? [] : [ca])];
}

export interface Person {
  readonly key: string;
  readonly name: string;
  readonly email: string | null;
  readonly away: readonly Away[];
}

/** Days of UTC, both inclusive, as `2026-12-24`. */
export interface Away {
  readonly from: string;
  readonly until: string;
  /** Null: nobody. */
  readonly cover: Ref | null;
}

export interface Team {
  readonly key: string;
  readonly name: string;
  /** Keys of people. */
  readonly members: readonly string[];
}
