import { hash } from 'node:crypto';

/**
 * Makes a ticket's id: a UUIDv7 whose 12 bits after the version hold a hash of source and identity.
 * A later migration can derive a distribution column from the id alone. `random`: 8 bytes. Pure.
 */
export function ticketId(now: Date, source: string, identity: string, random: Uint8Array): string {
  return uuidv7(now, hash('sha256', `${source}\0${identity}`, 'hex'), random);
}

/** Makes a delivery's id: a UUIDv7. `random`: 10 bytes. Pure. */
export function deliveryId(now: Date, random: Uint8Array): string {
  return uuidv7(now, hexOf(random.subarray(0, 2)), random.subarray(2));
}

/** The least id that a ticket of this instant, or a later one, can have: a window in time is a range of ids. Pure. */
export function firstTicketId(from: Date): string {
  const hex = Math.max(0, from.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}

/** `tag`: hex whose second to fourth digit are the 12 bits after the version; `random`: 8 bytes. */
function uuidv7(now: Date, tag: string, random: Uint8Array): string {
  const time = now.getTime().toString(16).padStart(12, '0');
  const rest = hexOf(random.subarray(0, 8));
  // The variant: binary 10 and the two bits after it.
  const variant = '89ab'[Number.parseInt(rest.charAt(0), 16) & 3];
  return (
    `${time.slice(0, 8)}-${time.slice(8)}-7${tag.slice(1, 4)}-` +
    `${variant}${rest.slice(1, 4)}-${rest.slice(4)}`
  );
}

function hexOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex');
}
