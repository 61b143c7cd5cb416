import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { createFairQueue, type FairQueue, type Size } from './fair-queue.ts';

const room = { triggers: 100, bytes: 100_000 };
const small = { triggers: 1, bytes: 100 };
const all = { triggers: 1_000_000, bytes: 1_000_000_000 };

describe('room', () => {
  /** Each offers in turn until none is taken any more; what each came to. */
  function flood(queue: FairQueue<string>, ...sources: string[]): number[] {
    const taken = sources.map(() => 0);
    let more = true;
    while (more) {
      more = false;
      for (const [index, source] of sources.entries()) {
        if (!queue.offer(source, source, small, 0)) continue;
        taken[index] = (taken[index] ?? 0) + 1;
        more = true;
      }
    }
    return taken;
  }

  test('one source that floods comes to half of it, two to a third each', () => {
    expect(flood(createFairQueue(room), 'a')).toEqual([50]);
    expect(flood(createFairQueue(room), 'a', 'b')).toEqual([34, 33]);
  });

  test('there is a share left for one that comes later', () => {
    const queue = createFairQueue<string>(room);
    flood(queue, 'a');
    expect(flood(queue, 'b')).toEqual([25]);
    expect(flood(queue, 'c')).toEqual([13]);
  });

  const rows: [Size, boolean, string][] = [
    [{ triggers: 100, bytes: 100_000 }, true, 'all of it, where nothing waits'],
    [{ triggers: 101, bytes: 1 }, false, 'a trigger more than there is room for'],
    [{ triggers: 1, bytes: 100_001 }, false, 'a byte more than there is room for'],
  ];
  test.each(rows)('%o: %s (%s)', (size, taken) => {
    expect(createFairQueue<string>(room).offer('a', 'x', size, 0)).toBe(taken);
  });
});

describe('turns', () => {
  test('a lone trigger behind a flood is in the next group', () => {
    const queue = createFairQueue<string>({ triggers: 10_000, bytes: 100_000_000 });
    for (let n = 0; n < 4_000; n += 1) queue.offer('flood', 'flood', small, 0);
    queue.offer('quiet', 'quiet', small, 0);
    expect(queue.takeGroup({ triggers: 500, bytes: 8_000_000 })).toContain('quiet');
  });

  test('a source with large bodies takes no more bytes than one with small ones', () => {
    const queue = createFairQueue<Size>({ triggers: 100_000, bytes: 1_000_000_000 });
    const large = { triggers: 1, bytes: 300_000 };
    for (let n = 0; n < 20; n += 1) queue.offer('large', large, large, 0);
    for (let n = 0; n < 4_000; n += 1) queue.offer('small', small, small, 0);
    const group = queue.takeGroup({ triggers: 500, bytes: 8_000_000 });
    const cost = (of: Size) =>
      group.filter((size) => size === of).reduce((sum, { bytes }) => sum + bytes + limits.triggerBytes, 0);
    expect(Math.abs(cost(large) - cost(small))).toBeLessThan(large.bytes + 2 * limits.turnBytes);
  });

  test('what does not fit into a group is the first of the next', () => {
    const queue = createFairQueue<string>(room);
    queue.offer('a', 'one', { triggers: 1, bytes: 10 }, 0);
    queue.offer('a', 'large', { triggers: 40, bytes: 10 }, 0);
    queue.offer('a', 'after', { triggers: 1, bytes: 10 }, 0);
    expect(queue.takeGroup({ triggers: 30, bytes: 1_000 })).toEqual(['one']);
    expect(queue.takeGroup({ triggers: 30, bytes: 1_000 })).toEqual(['large']);
    expect(queue.takeGroup(all)).toEqual(['after']);
    expect(queue.takeGroup(all)).toEqual([]);
  });
});

test('what waits too long is taken out, whoever it is of, and the rest keeps its order', () => {
  const queue = createFairQueue<string>(room);
  for (const [at, source] of ['a', 'b', 'a', 'c', 'b'].entries())
    queue.offer(source, `${source}${at}`, small, at);
  expect(queue.takeOffered(2).sort()).toEqual(['a0', 'a2', 'b1']);
  expect(queue.takeGroup(all).sort()).toEqual(['b4', 'c3']);
});

test('whatever comes and goes: nothing is lost, nothing comes twice, each source keeps its order, room is kept', () => {
  const offer = fc.record({
    source: fc.constantFrom('a', 'b', 'c'),
    size: fc.record({ triggers: fc.integer({ min: 1, max: 60 }), bytes: fc.nat(90_000) }),
  });
  const take = fc.record({ triggers: fc.integer({ min: 1, max: 80 }), bytes: fc.nat(120_000) });
  fc.assert(
    fc.property(fc.array(fc.oneof(offer, take, fc.nat(50)), { maxLength: 60 }), (acts) => {
      const queue = createFairQueue<{ source: string; at: number; size: Size }>(room);
      const taken: { source: string; at: number; size: Size }[] = [];
      const out: typeof taken = [];
      for (const [at, act] of acts.entries()) {
        if (typeof act === 'number') out.push(...queue.takeOffered(at - act));
        else if ('source' in act) {
          const entry = { ...act, at };
          if (queue.offer(act.source, entry, act.size, at)) taken.push(entry);
        } else {
          const group = queue.takeGroup(act);
          const triggers = group.reduce((sum, { size }) => sum + size.triggers, 0);
          expect(group.length <= 1 || triggers <= act.triggers).toBe(true);
          out.push(...group);
        }
        const waiting = taken.filter((entry) => !out.includes(entry));
        expect(waiting.reduce((sum, { size }) => sum + size.triggers, 0)).toBeLessThanOrEqual(room.triggers);
        expect(waiting.reduce((sum, { size }) => sum + size.bytes, 0)).toBeLessThanOrEqual(room.bytes);
      }
      for (let group = queue.takeGroup(all); group.length > 0; group = queue.takeGroup(all))
        out.push(...group);
      expect(out).toHaveLength(taken.length);
      expect(new Set(out)).toEqual(new Set(taken));
      for (const source of ['a', 'b', 'c']) {
        const times = out.filter((entry) => entry.source === source).map(({ at }) => at);
        expect(times).toEqual(times.toSorted((one, other) => one - other));
      }
    }),
  );
});
