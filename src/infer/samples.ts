import { createHash, hash } from 'node:crypto';

/** One payload, with the headers that it came with, lower-case. */
export interface Sample {
  readonly payload: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** What is kept of a sample to find its identity: digests, no values. */
export interface Marks {
  /** Of the whole payload. */
  readonly content: string;
  /** By the CEL expression that reads it: the digest of a text or a whole number. */
  readonly values: ReadonlyMap<string, Mark>;
}

export interface Mark {
  readonly digest: string;
  readonly kind: 'text' | 'number';
}

/** Headers by which senders name a delivery, the same on every retry. */
const deliveryHeaders = [
  'webhook-id',
  'svix-id',
  'idempotency-key',
  'x-github-delivery',
  'x-gitlab-event-uuid',
  'x-gitea-delivery',
  'x-shopify-event-id',
  'x-shopify-webhook-id',
  'x-atlassian-webhook-identifier',
  'i-twilio-idempotency-token',
  'ce-id',
];

/** Texts longer than this identify nothing. */
const markCharsMax = 200;
/** Objects are looked into so deep. */
const markDepthMax = 3;
/** Values of one sample that are looked at. */
const marksMax = 300;

export function marksOf({ payload, headers }: Sample): Marks {
  const values = new Map<string, Mark>();
  for (const name of deliveryHeaders) {
    const value = headers[name];
    if (value !== undefined) values.set(`headers["${name}"]`, { digest: digestOf(value), kind: 'text' });
  }
  collect(payload, 'payload', 0, values);
  return { content: contentOf(payload), values };
}

function collect(value: unknown, at: string, depth: number, into: Map<string, Mark>): void {
  if (into.size >= marksMax) return;
  if (typeof value === 'string' && value !== '' && value.length <= markCharsMax) {
    into.set(at, { digest: digestOf(value), kind: 'text' });
  } else if (typeof value === 'number' && Number.isSafeInteger(value)) {
    into.set(at, { digest: digestOf(String(value)), kind: 'number' });
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < markDepthMax) {
    for (const [key, member] of Object.entries(value)) collect(member, memberOf(at, key), depth + 1, into);
  }
}

/** A member as CEL reads it. */
export function memberOf(object: string, name: string): string {
  const isName = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !reserved.has(name);
  return isName ? `${object}.${name}` : `${object}[${JSON.stringify(name)}]`;
}

/** Words that CEL keeps to itself. */
const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

function digestOf(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 16);
}

/** Of the value, whatever the order of its members. */
function contentOf(value: unknown): string {
  const digest = createHash('sha256');
  const add = (part: unknown): void => {
    if (Array.isArray(part)) {
      digest.update('[');
      part.forEach(add);
      digest.update(']');
    } else if (typeof part === 'object' && part !== null) {
      digest.update('{');
      for (const [key, member] of Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) {
        digest.update(JSON.stringify(key));
        add(member);
      }
      digest.update('}');
    } else digest.update(JSON.stringify(part));
  };
  add(value);
  return digest.digest('base64url').slice(0, 16);
}
