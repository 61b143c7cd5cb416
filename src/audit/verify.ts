import { type EntryContent, entryHash, genesis, payloadDigest } from './encoding.ts';

/** What the verifier reads: rows as they stand, nothing of the writer's. */
export interface AuditedTicket {
  readonly id: string;
  readonly headSeq: number;
  readonly headHash: Uint8Array;
  readonly entries: readonly (EntryContent & { readonly previous: Uint8Array; readonly hash: Uint8Array })[];
  readonly payloads: readonly AuditedPayload[];
}

export interface AuditedPayload {
  readonly revision: number;
  readonly contentType: string;
  readonly headers: string;
  /** Null: erased. */
  readonly body: Uint8Array | null;
  readonly salt: Uint8Array;
}

/** The first thing of a ticket that is not as it was written. */
export interface Broken {
  readonly ticketId: string;
  /** The entry; null where it is the ticket's head or a payload that no entry names. */
  readonly seq: number | null;
  readonly what: 'entry' | 'payload' | 'head';
  readonly why: string;
}

/** Re-hashes a ticket's chain and payloads; null where everything is as written. Pure. */
export function verifyTicket(ticket: AuditedTicket): Broken | null {
  return brokenChain(ticket) ?? brokenPayload(ticket);
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
    if (entry.kind === 'payload_erased') erased.add(data['revision']);
    if (typeof data['payload'] === 'string' && typeof data['revision'] === 'number') {
      named.push({ seq: entry.seq, revision: data['revision'], digest: data['payload'] });
    }
  }
  for (const { seq, revision, digest } of named) {
    const payload = payloads.get(revision);
    payloads.delete(revision);
    const why = payloadFault(payload, digest, erased.has(revision));
    if (why !== null) return { ticketId: ticket.id, seq, what: 'payload', why: `payload ${revision} ${why}` };
  }
  const [unnamed] = payloads.keys();
  return unnamed === undefined
    ? null
    : { ticketId: ticket.id, seq: null, what: 'payload', why: `payload ${unnamed} is named by no entry` };
}

function payloadFault(payload: AuditedPayload | undefined, digest: string, erased: boolean): string | null {
  if (payload === undefined) return 'is missing';
  if (payload.body === null) return erased ? null : 'was erased without an entry';
  const found = payloadDigest(payload.salt, payload.contentType, payload.headers, payload.body);
  return found.toString('hex') === digest ? null : 'is not what the entry was written for';
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
