import { expect, test } from 'vitest';
import { routeLines } from './decision-text.ts';
import { plain } from './output.ts';

test('the confidence can be read aloud: best score less half the second best', () => {
  const route = {
    to: 'team:web' as const,
    confidence: 0.5,
    candidates: [
      {
        to: 'team:brand' as const,
        score: 1 / 3,
        matchedWeight: 1,
        totalWeight: 3,
        signals: [
          { that: 'ticket.budget > 10.0', weight: 2, held: false },
          { that: 'has(payload.utm)', weight: 1, held: true },
        ],
      },
      { to: 'team:web' as const, score: 2 / 3, matchedWeight: 2, totalWeight: 3, signals: [] },
    ],
  };
  expect(routeLines(route, plain)).toEqual([
    'team:web scores 0.667 (no signals)',
    'team:brand scores 0.333 (1 of 3)',
    '  · 2  ticket.budget > 10.0',
    '  + 1  has(payload.utm)',
    'confidence 0.667 (team:web) − ½ × 0.333 (team:brand) = 0.5',
  ]);
});

test('without a candidate there is nothing to read', () => {
  expect(routeLines({ to: 'team:web', confidence: 1, candidates: [] }, plain)).toEqual([]);
  expect(routeLines(null, plain)).toEqual([]);
});
