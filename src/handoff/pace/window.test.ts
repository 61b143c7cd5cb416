import { describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import { allowedAt, waitMsFor } from './allowance.ts';
import { type Circuit, healthy, nextCircuit } from './circuit.ts';
import { emptyWindow, type Result, seenIn, type Window, withResult } from './window.ts';

const now = new Date('2026-03-02T09:00:00Z');

function windowOf(count: number, result: Result, apartMs = 0): Window {
  let window = emptyWindow;
  for (let n = 0; n < count; n += 1) window = withResult(window, `h${n}`, result, plusMs(now, n * apartMs));
  return window;
}

describe('what a node keeps of a destination', () => {
  test.each<[results: number, kept: number, reason: string]>([
    [limits.circuitResultsKept, limits.circuitResultsKept, 'as many as are kept'],
    [limits.circuitResultsKept + 1, limits.circuitResultsKept, 'the oldest goes'],
  ])('%i results: %i are kept (%s)', (results, kept) => {
    expect(windowOf(results, 'came_through').results).toHaveLength(kept);
    expect(seenIn(windowOf(results, 'failed'))).toMatchObject({ results: kept, failedInRow: kept });
  });

  test.each<[ms: number, kept: number, reason: string]>([
    [limits.circuitWindowMs - 1, 2, 'it still counts'],
    [limits.circuitWindowMs, 1, 'its time is over'],
  ])('a result %i ms later: %i are kept (%s)', (ms, kept) => {
    expect(windowOf(2, 'came_through', ms).results).toHaveLength(kept);
  });

  test.each<[result: Result, failedInRow: number, reason: string]>([
    ['failed', 1, 'it may be what is sent'],
    ['out', 3, 'what is sent has nothing to do with it'],
  ])(
    'one handoff, three times %s, counts %i in a row (%s); what comes through ends it',
    (result, failedInRow) => {
      let window = emptyWindow;
      for (let n = 0; n < 3; n += 1) window = withResult(window, 'h', result, now);
      expect(seenIn(window)).toEqual({ failedInRow, results: 3, failures: 3 });
      expect(seenIn(withResult(window, 'other', 'came_through', now)).failedInRow).toBe(0);
    },
  );
});

test.each<[failures: number, opens: boolean, reason: string]>([
  [limits.circuitResultsMin * limits.circuitFailureShare, true, 'the share'],
  [limits.circuitResultsMin * limits.circuitFailureShare - 1, false, 'one less'],
])('%i failures of the least that say something: opened is %s (%s)', (failures, opens) => {
  const seen = { failedInRow: 1, results: limits.circuitResultsMin, failures };
  const next = nextCircuit(healthy(now), { kind: 'failed', detail: '503', seen, isProbe: false }, now);
  expect(next?.state === 'open').toBe(opens);
});

test.each<[probes: number, waitMs: number]>([
  [0, limits.circuitProbeFirstMs * 2],
  [1, limits.circuitProbeFirstMs * 4],
  [2, limits.circuitProbeMaxMs],
  [3, limits.circuitProbeMaxMs],
  [1_000, limits.circuitProbeMaxMs],
])('after %i probes in vain the next is %i ms later', (probes, waitMs) => {
  const open: Circuit = { ...healthy(now), state: 'open', probeAt: now, probes };
  expect(nextCircuit(open, { kind: 'probe' }, now)?.probeAt).toEqual(plusMs(now, waitMs));
});

test.each<[askedMs: number, heldMs: number]>([
  [limits.destinationHoldMaxMs, limits.destinationHoldMaxMs],
  [limits.destinationHoldMaxMs + 1, limits.destinationHoldMaxMs],
])('asked for %i ms, it is left alone for %i', (askedMs, heldMs) => {
  const held = { kind: 'held', until: plusMs(now, askedMs), detail: '429' } as const;
  expect(nextCircuit(healthy(now), held, now)?.heldUntil).toEqual(plusMs(now, heldMs));
});

test.each<[left: number, passedMs: number, allowed: number, waitMs: number]>([
  [0, 0, 0, 100],
  [0, 75, 0.75, 25],
  [0, 100, 1, 0],
  [0, 10_000, 10, 0],
  [-3, 300, 0, 100],
])('%f left, %i ms later: %f, and the next in %i ms', (left, passedMs, allowed, waitMs) => {
  const rate = { requests: 10, perMs: 1_000 };
  const allowance = allowedAt({ left, at: now }, rate, plusMs(now, passedMs));
  expect(allowance.left).toBeCloseTo(allowed);
  expect(waitMsFor(allowance, rate)).toBe(waitMs);
});
