import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const block = 512;

/** The regular files of a .tar.gz, by name. Enough of the format for the corpora: ustar names up to 255 bytes. */
export function readTar(archive: URL): Map<string, Buffer> {
  const bytes = gunzipSync(readFileSync(archive));
  const files = new Map<string, Buffer>();
  for (let at = 0; at + block <= bytes.length && bytes[at] !== 0; ) {
    const size = Number.parseInt(text(bytes, at + 124, 12), 8);
    const prefix = text(bytes, at + 345, 155);
    const name = prefix === '' ? text(bytes, at, 100) : `${prefix}/${text(bytes, at, 100)}`;
    const kind = String.fromCharCode(bytes[at + 156] ?? 0);
    const content = bytes.subarray(at + block, at + block + size);
    if (kind === '0' || kind === '\0') files.set(name, content);
    at += block + Math.ceil(size / block) * block;
  }
  return files;
}

function text(bytes: Buffer, start: number, length: number): string {
  return bytes
    .subarray(start, start + length)
    .toString()
    .replace(/\0.*$/s, '')
    .trim();
}
