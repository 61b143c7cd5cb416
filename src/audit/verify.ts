import { type EntryContent, entryHash, genesis, payloadDigest } from './encoding.ts';

/** What the verifier reads: rows as they stand, nothing of the writer's. */
export interface AuditedTicket {
  readonly id: string;
  readonly headSeq: number;
  readonly headHash: Uint8Array;
  readonly entries: readonly (EntryContent & { readonly previous: Uint8Array; readonly hash: Uint8Array })[];
  readonly payloads: readonly AuditedPayload[];
  /** What its trigger was split from; null where it came alone. Tickets of one delivery may share the object. */
  readonly delivery: AuditedDelivery | null;
}

export interface AuditedPayload extends AuditedBytes {
  readonly revision: number;
}

export interface AuditedDelivery extends AuditedBytes {
  readonly id: string;
}

interface AuditedBytes {
  readonly contentType: string;
  readonly headers: string;
  /** Null: erased. */
  readonly body: Uint8Array | null;
  readonly salt: Uint8Array;
}

/** `handoff`: only that it stands without its ticket. */
export type BrokenPart = 'entry' | 'payload' | 'delivery' | 'head' | 'handoff';

/** The first thing of a ticket that is not as it was written. */
export interface Broken {
  readonly ticketId: string;
  /** The entry; null where it is the ticket's head or bytes that no entry names. */
  readonly seq: number | null;
  readonly what: BrokenPart;
  readonly why: string;
}

/** Re-hashes a ticket's chain and payloads; null where everything is as written. Pure. */
export function verifyTicket(ticket: AuditedTicket): Broken | null {
  return brokenChain(ticket) ?? brokenPayload(ticket) ?? brokenDelivery(ticket);
}

function brokenChain(ticket: AuditedTicket): Broken | null {
  let previous: Uint8Array = genesis;
  for (const [index, entry] of ticket.entries.entries()) {
    const broken = (why: string): Broken => ({ ticketId: ticket.id, seq: entry.seq, what: 'entry', why });
    if (entry.seq !== index + 1) return broken(`entry ${index + 1} is missing`);
    if (!equal(entry.previous, previous)) return broken('it does not follow the entry before it');
    if (!equal(entry.hash, entryHash(entry, previous))) return broken('its content does not give its hash');
    previous = entry.hash;
  }
  if (ticket.entries.length !== ticket.headSeq || !equal(previous, ticket.headHash)) {
    const why = `the ticket's head is entry ${ticket.headSeq}, the chain ends at ${ticket.entries.length}`;
    return { ticketId: ticket.id, seq: ticket.entries.length, what: 'head', why };
  }
  return null;
}

/** Every entry that names a payload has it, unaltered or erased by an entry; every payload is named by an entry. */
function brokenPayload(ticket: AuditedTicket): Broken | null {
  const payloads = new Map(ticket.payloads.map((payload) => [payload.revision, payload]));
  const erased = new Set<unknown>();
  const named: { seq: number; revision: number; digest: string }[] = [];
  for (const entry of ticket.entries) {
    const data = JSON.parse(entry.data) as Record<string, unknown>;
    if (entry.kind === 'payload_erased') erased.add(data.revision);
    if (typeof data.payload === 'string' && typeof data.revision === 'number') {
      named.push({ seq: entry.seq, revision: data.revision, digest: data.payload });
    }
  }
  for (const { seq, revision, digest } of named) {
    const payload = payloads.get(revision);
    payloads.delete(revision);
    const why = fault(payload, digest, erased.has(revision));
    if (why !== null) return { ticketId: ticket.id, seq, what: 'payload', why: `payload ${revision} ${why}` };
  }
  const [unnamed] = payloads.keys();
  return unnamed === undefined
    ? null
    : { ticketId: ticket.id, seq: null, what: 'payload', why: `payload ${unnamed} is named by no entry` };
}

/** The entry that names a delivery has it, and only that one, unaltered or erased by an entry. */
function brokenDelivery(ticket: AuditedTicket): Broken | null {
  let named: { seq: number; id: string; digest: unknown } | null = null;
  const erased = new Set<unknown>();
  for (const entry of ticket.entries) {
    const data = JSON.parse(entry.data) as Record<string, unknown>;
    if (entry.kind === 'delivery_erased') erased.add(data.delivery);
    if (entry.kind === 'received' && typeof data.delivery === 'string') {
      named = { seq: entry.seq, id: data.delivery, digest: data.delivery_digest };
    }
  }
  const broken = (seq: number | null, why: string): Broken => ({
    ticketId: ticket.id,
    seq,
    what: 'delivery',
    why: `its delivery ${why}`,
  });
  if (named === null) return ticket.delivery === null ? null : broken(null, 'is named by no entry');
  const { seq, id, digest } = named;
  const delivery = ticket.delivery?.id === id ? ticket.delivery : undefined;
  const why = fault(delivery, digest, erased.has(id));
  return why === null ? null : broken(seq, why);
}

function fault(kept: AuditedBytes | undefined, digest: unknown, erased: boolean): string | null {
  if (kept === undefined) return 'is missing';
  if (kept.body === null) return erased ? null : 'was erased without an entry';
  return digestOf(kept, kept.body) === digest ? null : 'is not what the entry was written for';
}

/** Digests of what tickets share: a delivery of hundreds of triggers is hashed once. */
const digests = new WeakMap<AuditedBytes, string>();

function digestOf(kept: AuditedBytes, body: Uint8Array): string {
  const known = digests.get(kept);
  if (known !== undefined) return known;
  const digest = payloadDigest(kept.salt, kept.contentType, kept.headers, body).toString('hex');
  digests.set(kept, digest);
  return digest;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
