import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

/** Seals what has to be read again, so that the database alone does not give it away (AES-256-GCM). `nonce`: 12 random bytes. Pure. */
export function seal(plain: Uint8Array, secret: string, nonce: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), nonce);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Null: it was sealed with another secret. Pure. */
export function unseal(sealed: Uint8Array, secret: string): Buffer | null {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(12, 28));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
  } catch {
    return null;
  }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'signalbox one-time codes', 32));
}
