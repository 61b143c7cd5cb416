import { createHash } from 'node:crypto';

/**
 * Makes a ticket's id: a UUIDv7 whose 12 bits after the version hold a hash of source and identity.
 * A later migration can derive a distribution column from the id alone. `random`: 8 bytes. Pure.
 */
export function ticketId(now: Date, source: string, identity: string, random: Uint8Array): string {
  const hash = createHash('sha256').update(source).update('\0').update(identity).digest();
  return uuidv7(now, hash, random);
}

/** Makes a delivery's id: a UUIDv7. `random`: 10 bytes. Pure. */
export function deliveryId(now: Date, random: Uint8Array): string {
  return uuidv7(now, random, random.subarray(2));
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
