import { limits } from '../limits.ts';

/**
 * How much of a machine's memory the embedded server keeps pages in, as its setting `shared_buffers`: an eighth, for it is not
 * alone there, within limits.sharedBuffersMin and limits.sharedBuffersMax. Bytes in, whole MB out.
 */
export function sharedBuffers(memory: number): string {
  const bytes = Math.min(Math.max(memory / 8, limits.sharedBuffersMin), limits.sharedBuffersMax);
  return `${Math.floor(bytes / 1_048_576)}MB`;
}
