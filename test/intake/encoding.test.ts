import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { unpacked } from '../../src/intake/encoding/http.ts';

/** Content codings: what is meant comes out, and nothing allocates more than its bound. */

const meant = Buffer.from('{"lead":"ö"}');

test.each<[encoding: string, packed: Buffer, reason: string]>([
  ['gzip', gzipSync(meant), 'what most senders use'],
  [' GZip ', gzipSync(meant), 'names of codings have no case'],
  ['x-gzip', gzipSync(meant), 'its old name'],
  ['deflate', deflateSync(meant), 'the zlib format'],
  ['deflate', deflateRawSync(meant), 'without the zlib wrapping, as some send it'],
  ['br', brotliCompressSync(meant), 'brotli'],
  ['zstd', zstdCompressSync(meant), 'zstandard'],
])('%s', async (encoding, packed, reason) => {
  expect((await unpacked(packed, encoding, 1_000)).equals(meant), reason).toBe(true);
});

test.each<[encoding: string, packed: Buffer, code: string, reason: string]>([
  ['compress', meant, 'unsupported_media_type', 'nobody sends it'],
  ['gzip, br', meant, 'unsupported_media_type', 'one coding, not a chain of them'],
  ['constructor', meant, 'unsupported_media_type', 'no name of ours'],
  ['gzip', meant, 'bad_request', 'it is not packed at all'],
  ['gzip', gzipSync(meant).subarray(0, -9), 'bad_request', 'it was cut'],
  ['gzip', Buffer.alloc(0), 'bad_request', 'there is nothing'],
  ['br', gzipSync(meant), 'bad_request', 'another coding than it says'],
  ['deflate', Buffer.from([0x78]), 'bad_request', 'half a header'],
])('%s is refused', async (encoding, packed, code, reason) => {
  await expect(unpacked(packed, encoding, 1_000), reason).rejects.toMatchObject({ code });
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const)('%s: exactly the bound passes, one byte more does not', async (encoding, pack) => {
  expect((await unpacked(pack(Buffer.alloc(1_000)), encoding, 1_000)).length).toBe(1_000);
  await expect(unpacked(pack(Buffer.alloc(1_001)), encoding, 1_000)).rejects.toMatchObject({
    code: 'too_large',
  });
});

test('a bomb of a gigabyte in a megabyte costs its bound', async () => {
  const bomb = Buffer.concat(Array.from({ length: 16 }, () => gzipSync(Buffer.alloc(64 * 1_048_576))));
  const before = process.memoryUsage().arrayBuffers;
  await expect(unpacked(bomb, 'gzip', 1_048_576)).rejects.toMatchObject({ code: 'too_large' });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1_048_576);
});
