import { expect, test } from 'vitest';
import { sharedBuffers } from '../../src/db/memory.ts';
import { limits } from '../../src/limits.ts';

const mb = 1_048_576;

test.each([
  [8 * limits.sharedBuffersMin - 8 * mb, '128MB', 'less than PostgreSQL itself would take makes it slow'],
  [8 * limits.sharedBuffersMin, '128MB', 'an eighth that is the least'],
  [8 * limits.sharedBuffersMin + 8 * mb, '129MB', 'an eighth'],
  [2_000 * mb + 1, '250MB', 'whole MB'],
  [8 * limits.sharedBuffersMax, '1024MB', 'an eighth that is the most'],
  [64 * limits.sharedBuffersMax, '1024MB', 'more is left to others'],
])('of %i bytes of memory the server takes %s: %s', (memory, taken) => {
  expect(sharedBuffers(memory)).toBe(taken);
});
