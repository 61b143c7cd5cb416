import { randomFillSync } from 'node:crypto';

const supplyBytes = 8_192;
let supply = Buffer.alloc(0);

/** Random bytes from a supply that is drawn at once: asking the system for each id costs more than the id. Each byte is given out once. */
export function randomBytes(bytes: number): Buffer {
  if (supply.length < bytes) supply = randomFillSync(Buffer.allocUnsafeSlow(Math.max(supplyBytes, bytes)));
  const drawn = supply.subarray(0, bytes);
  supply = supply.subarray(bytes);
  return drawn;
}
