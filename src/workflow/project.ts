import type { Challenge } from '../intake/challenge.ts';
import type { SchemeName } from '../intake/presets.ts';
import type { SignatureScheme } from '../intake/schemes.ts';
import type { Expression } from './expression.ts';
import type { CompiledRequest, CompiledWorkflow, Ref } from './workflow.ts';

/** A project as loaded: `signalbox.yaml` and its workflows, checked. Secrets stay references until a shell needs them. */
export interface Project {
  readonly name: string;
  readonly server: { readonly host: string; readonly port: number };
  readonly sources: ReadonlyMap<string, Source>;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly people: ReadonlyMap<string, Person>;
  readonly teams: ReadonlyMap<string, Team>;
  /** By name. Exactly one workflow reads a source. */
  readonly workflows: ReadonlyMap<string, CompiledWorkflow>;
  /** Per workflow name: the canonical JSON text whose SHA-256 is the version; enough to compile it again. */
  readonly bundles: ReadonlyMap<string, string>;
}

/** `{ env: NAME }` or `{ file: path }`; several values are valid at once while a secret rotates. */
export type SecretRef = { readonly env: string } | { readonly file: string };

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
  /** Body bound in bytes; at most limits.bodyBytesMax. */
  readonly bodyBytesMax: number;
  /** Null: only what all sources share bounds it. */
  readonly rateLimit: RateLimit | null;
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

/** How a source is asked for its triggers. Expressions see `cursor` and `page`, after an answer also `response` and `last`. */
export interface Poll {
  readonly everyMs: number;
  /** Key of the destination that is read: its address, credential and timeout count. */
  readonly from: string;
  readonly request: CompiledRequest;
  /** The first cursor, as JSON. */
  readonly start: unknown;
  /** The list in an answer; each element is a trigger. */
  readonly triggers: Expression;
  readonly cursor: Expression;
  /** Null: a round is one page. */
  readonly nextPage: {
    readonly when: Expression;
    /** They replace those of the request that have the same name. */
    readonly parameters: CompiledRequest['parameters'];
  } | null;
  /** Pages of one poll. */
  readonly pagesMax: number;
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
  /** Of the parts of an attempt, within timeoutMs. */
  readonly timeouts: { readonly connectMs: number; readonly headersMs: number; readonly bodyMs: number };
  /** Certificates (PEM) of authorities that are trusted besides the known ones; null: none. */
  readonly ca: SecretRef | null;
  /** Of an `email` destination: the sender of its mail. */
  readonly from: string | null;
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
}

export interface Team {
  readonly key: string;
  readonly name: string;
  /** Keys of people. */
  readonly members: readonly string[];
}
