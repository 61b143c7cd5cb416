import { hash } from 'node:crypto';

/**
 * Makes a ticket's id: a UUIDv7 whose 12 bits after the version hold a hash of source and identity.
 * A later migration can derive a distribution column from the id alone. `random`: 8 bytes. Pure.
 */
export function ticketId(now: Date, source: string, identity: string, random: Uint8Array): string {
  return uuidv7(now, hash('sha256', `${source}\0${identity}`, 'buffer'), random);
}

/** Makes a delivery's id: a UUIDv7. `random`: 10 bytes. Pure. */
export function deliveryId(now: Date, random: Uint8Array): string {
  return uuidv7(now, random, random.subarray(2));
}

/** The least id that a ticket of this instant, or a later one, can have: a window in time is a range of ids. Pure. */
export function firstTicketId(from: Date): string {
  const hex = Math.max(0, from.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}

/** `tag`: the 12 bits after the version, of its first 2 bytes; `random`: 8 bytes. */
function uuidv7(now: Date, tag: Uint8Array, random: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now.getTime(), 0, 6);
  bytes[6] = 0x70 | ((tag[0] ?? 0) & 0x0f);
  bytes[7] = tag[1] ?? 0;
  bytes.set(random.subarray(0, 8), 8);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
