import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { plusMs } from '../../platform/instant.ts';
import { type Circuit, healthy, nextCircuit, type PaceEvent, roomOf } from './circuit.ts';

const t0 = new Date('2026-03-02T09:00:00Z');
const seen = (failedInRow: number, results = 0, failures = 0) => ({ failedInRow, results, failures });
const fails = (...args: Parameters<typeof seen>): PaceEvent => ({
  kind: 'failed',
  detail: 'tool answered 503',
  seen: seen(...args),
  isProbe: false,
});
const open: Circuit = { ...healthy(t0), state: 'open', reason: 'out', probeAt: plusMs(t0, 500) };
const recovering: Circuit = { ...healthy(t0), state: 'recovering' };
const paused: Circuit = { ...healthy(t0), state: 'paused', pausedBy: 'person:dana', reason: 'theirs' };
const by = { by: 'person:dana', reason: 'their migration' };

const steps: readonly [from: Circuit, event: PaceEvent, to: string | null, reason: string][] = [
  [healthy(t0), fails(limits.circuitFailuresInRow - 1), null, 'a few failures are no outage'],
  [healthy(t0), fails(limits.circuitFailuresInRow), 'open', 'so many handoffs in a row are'],
  [
    healthy(t0),
    fails(1, limits.circuitResultsMin, limits.circuitResultsMin / 2),
    'open',
    'half of many failed',
  ],
  [healthy(t0), fails(1, limits.circuitResultsMin - 1, 19), null, 'too few to speak of a share'],
  [healthy(t0), { kind: 'came_through', isProbe: false }, null, 'as it should be'],
  [open, { kind: 'came_through', isProbe: false }, null, 'an older request proves nothing'],
  [open, { kind: 'came_through', isProbe: true }, 'recovering', 'its probe does'],
  [open, fails(9), null, 'it is known'],
  [recovering, fails(limits.circuitFailuresRecovering), 'open', 'it is not back'],
  [paused, fails(9), null, 'a person has decided'],
  [paused, { kind: 'came_through', isProbe: true }, null, 'and only a person ends it'],
  [paused, { kind: 'resume', ...by }, 'recovering', 'few at first'],
  [open, { kind: 'pause', ...by }, 'paused', 'a person may always'],
];
test.each(steps)('%j after %j is %s: %s', (from, event, to) => {
  expect(nextCircuit(from, event, t0)?.state ?? null).toBe(to);
});

describe('room', () => {
  const rooms: readonly [circuit: Circuit, ms: number, room: number, reason: string][] = [
    [healthy(t0), 0, 40, 'all'],
    [paused, 1e9, 0, 'for ever'],
    [open, 499, 0, 'its probe is not due'],
    [open, 500, 1, 'one tries'],
    [recovering, 0, 1, 'one at first'],
    [recovering, limits.rampStepMs, 2, 'then two'],
    [recovering, limits.rampStepMs * 5, 32, 'and so on'],
    [recovering, limits.rampStepMs * 9, 40, 'to its own bound'],
    [{ ...recovering, heldUntil: plusMs(t0, 7_000) }, 6_999, 0, 'it asked for seven seconds'],
    [{ ...recovering, heldUntil: plusMs(t0, 7_000) }, 7_000, 1, 'after them few at first'],
  ];
  test.each(rooms)('%j after %i ms: %i, %s', (circuit, ms, room) => {
    expect(roomOf(circuit, 40, plusMs(t0, ms))).toBe(room);
  });
});

test('while it is out it is tried again and again, never more than a few seconds apart', () => {
  let circuit = open;
  for (let count = 0; count < 500; count += 1) {
    const at = circuit.probeAt ?? t0;
    const next = nextCircuit(circuit, { kind: 'probe' }, at);
    if (next?.probeAt == null) throw new Error('it is not tried again');
    expect(next.probeAt.getTime() - at.getTime()).toBeLessThanOrEqual(limits.circuitProbeMaxMs);
    expect(next.probeAt.getTime()).toBeGreaterThan(at.getTime());
    circuit = next;
  }
});

test('what it asks for is bounded, and said once', () => {
  const asked = nextCircuit(healthy(t0), { kind: 'held', until: plusMs(t0, 1e12), detail: '429' }, t0);
  expect(asked?.heldUntil).toEqual(plusMs(t0, limits.destinationHoldMaxMs));
  const again = { kind: 'held', until: plusMs(t0, 1e12 + 1), detail: '429' } as const;
  expect(nextCircuit(asked as Circuit, again, t0)).toBeNull();
});

test('whatever happens, a circuit is one that the database takes, and only a person leaves a pause', () => {
  const event = fc.oneof(
    fc.nat(9).map((row) => fails(row, row * 4, row * 3)),
    fc.boolean().map((isProbe): PaceEvent => ({ kind: 'came_through', isProbe })),
    fc.nat(1e7).map((ms): PaceEvent => ({ kind: 'held', until: plusMs(t0, ms), detail: '429' })),
    fc.constant<PaceEvent>({ kind: 'probe' }),
    fc.constant<PaceEvent>({ kind: 'tick', concurrency: 40 }),
    fc.constantFrom<PaceEvent>({ kind: 'pause', ...by }, { kind: 'resume', ...by }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.nat(5_000))), (events) => {
      let circuit = healthy(t0);
      let now = t0;
      for (const [each, ms] of events) {
        now = plusMs(now, ms);
        const next = nextCircuit(circuit, each, now) ?? circuit;
        expect(next.state === 'open').toBe(next.probeAt !== null);
        expect(next.state === 'paused').toBe(next.pausedBy !== null);
        if (circuit.state === 'paused' && next.state !== 'paused') expect(each.kind).toBe('resume');
        expect(roomOf(next, 40, now)).toBeLessThanOrEqual(40);
        circuit = next;
      }
    }),
  );
});
