import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import { AppError } from '../../errors.ts';
import { quoted } from '../media.ts';

type Unpack = (packed: Uint8Array, bounds: { maxOutputLength: number }) => Promise<Buffer>;

/**
 * A body without its content coding: gzip, deflate, br or zstd, one of them (RFC 9110, section 8.4).
 * Never more than `bytesMax` is allocated for it. Throws AppError: `too_large`, `unsupported_media_type`, and
 * `bad_request` where the body is not what the coding says.
 */
export async function unpacked(packed: Buffer, encoding: string, bytesMax: number): Promise<Buffer> {
  const unpack = codings.get(encoding.trim().toLowerCase());
  if (unpack === undefined) {
    throw new AppError(
      'unsupported_media_type',
      `The content encoding ${quoted(encoding)} is not supported.`,
      {
        help: `Send the body as it is, or in one of ${[...codings.keys()].join(', ')}.`,
      },
    );
  }
  try {
    return await unpack(packed, { maxOutputLength: bytesMax });
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (tooLarge) {
      throw new AppError('too_large', `The body is larger than ${bytesMax} bytes when it is unpacked.`, {
        help: 'Send less at once, or a reference to the data.',
      });
    }
    throw new AppError('bad_request', `The body is not ${quoted(encoding)}, as its content encoding says.`, {
      help: 'Nothing was accepted. Send the whole body, or send it unpacked and without that header.',
      cause: error,
    });
  }
}

/** Some senders' deflate is what RFC 1951 calls so, without the wrapping that RFC 9110 means. */
const deflated: Unpack = (packed, bounds) =>
  ((packed[0] ?? 0) & 0x0f) === 8 && (((packed[0] ?? 0) << 8) | (packed[1] ?? 0)) % 31 === 0
    ? promisify(inflate)(packed, bounds)
    : promisify(inflateRaw)(packed, bounds);

const codings: ReadonlyMap<string, Unpack> = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', deflated],
  ['br', promisify(brotliDecompress)],
  ['zstd', promisify(zstdDecompress)],
]);
