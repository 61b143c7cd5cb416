import type { IncomingMessage } from 'node:http';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';

/** Bytes of all bodies that have begun to come, and are not yet whole. */
let comingBytes = 0;

/**
 * All bytes of a body; null as soon as there are more than `bytesMax`.
 * The rest is read and forgotten, for senders look at the answer only when all is sent; but not without end.
 * Throws AppError: `bad_request` where it ends early, `unavailable` where too many others come at the same time.
 */
export function readBody(stream: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>();
  const chunks: Buffer[] = [];
  let size = 0;
  let heldBytes = 0;
  let refused = false;
  const hold = (bytes: number) => {
    comingBytes += bytes - heldBytes;
    heldBytes = bytes;
  };
  const forget = () => {
    refused = true;
    chunks.length = 0;
    hold(0);
  };
  if (Number(stream.headers['content-length']) > bytesMax) resolve(null);
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > bytesMax + limits.bodyDiscardBytesMax) stream.destroy();
    if (refused) return;
    if (size > bytesMax) {
      forget();
      resolve(null);
    } else if (comingBytes + chunk.length > limits.bodiesBytesMax) {
      forget();
      reject(tooManyBodies());
    } else {
      chunks.push(chunk);
      hold(size);
    }
  });
  stream.on('end', () => {
    resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    hold(0);
  });
  const endedEarly = () => {
    hold(0);
    // Every stream closes in the end.
    if (!stream.readableEnded) {
      reject(new AppError('bad_request', 'The body ended before all of it had come.'));
    }
  };
  stream.on('error', endedEarly);
  stream.on('close', endedEarly);
  return promise;
}

function tooManyBodies(): AppError {
  return new AppError('unavailable', 'Too many large bodies come at once; this one was not accepted.', {
    help: 'Send it again after the time in Retry-After.',
  });
}
