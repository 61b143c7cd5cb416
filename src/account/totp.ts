import { createHmac, timingSafeEqual } from 'node:crypto';

/** One-time codes by time (RFC 6238): SHA-1, six digits, 30 seconds, which is what every authenticator app takes. */

const stepMs = 30_000;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The time step whose code this is, one before and one after the present allowed; null: it is no code now. Pure. */
export function totpStep(secret: Uint8Array, code: string, now: Date): number | null {
  const shown = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(shown)) return null;
  const present = Math.floor(now.getTime() / stepMs);
  const steps = [present, present - 1, present + 1];
  return (
    steps.find((step) => timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(shown))) ?? null
  );
}

/** Pure. */
export function totpCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

/** The secret as apps take it. Pure. */
export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}

/** What the app's picture says. Pure. */
export function totpUri(secret: Uint8Array, project: string, person: string): string {
  const label = encodeURIComponent(`Signalbox ${project}:${person}`);
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(`Signalbox ${project}`)}`;
}

/** Ten codes that are each good once, for who has lost the app. `random`: 100 bytes. Pure. */
export function backupCodes(random: Uint8Array): string[] {
  return Array.from({ length: 10 }, (_, index) => {
    const text = [...random.subarray(index * 10, index * 10 + 10)]
      .map((byte) => alphabet[byte & 31])
      .join('');
    return `${text.slice(0, 5)}-${text.slice(5)}`;
  });
}

/** A backup code as it is compared: however it was typed. Pure. */
export function plainCode(code: string): string {
  return code.toUpperCase().replaceAll(/[^A-Z2-7]/g, '');
}
