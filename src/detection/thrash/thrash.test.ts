import { expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { type Placement, thrashOf } from './thrash.ts';

const now = new Date('2026-03-02T12:00:00.000Z');

function placed(places: string, confidences: readonly number[] = []): Placement[] {
  return [...places].map((to, index) => ({
    at: new Date(now.getTime() - (places.length - index) * 60_000),
    to,
    confidence: confidences[index] ?? null,
  }));
}

test.each<[Placement[], string | null, reason: string]>([
  [placed('A'), null, 'where it was put first'],
  [placed('AB'), null, 'one move is no thrash'],
  [placed('AAB'), null, 'decided again for the same place is no move'],
  [placed('ABA'), 'It went from A to B and back', 'back where it was'],
  [placed('ABBA'), 'It went from A to B and back', 'also when it rested between'],
  [placed('ABCDE'), null, `${limits.thrashPlacementsMax} moves are still none`],
  [placed('ABCDEF'), 'It was reassigned 5 times', 'one more is one'],
  [placed('AAAA', [0.9, 0.7, 0.9, 0.7]), 'threshold of 0.8 3 times', 'confidence that swings'],
  [placed('AAA', [0.9, 0.7, 0.9]), null, 'twice may be chance'],
])('%#', (placements, why, reason) => {
  const told = thrashOf(placements, 0.8, now);
  if (why === null) expect(told, reason).toBeNull();
  else expect(told, reason).toContain(why);
});

test('what lies outside of the window does not count', () => {
  const later = new Date(now.getTime() + limits.thrashWindowMs);
  expect(thrashOf(placed('ABA'), 0.8, later)).toBeNull();
});
