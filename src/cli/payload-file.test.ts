import { expect, test } from 'vitest';
import { payloadIn } from './payload-file.ts';

test.each<[text: string, problem: RegExp, reason: string]>([
  ['{"id": ', /^lead\.json is no payload\. The body is not JSON at line 1/, 'with its place'],
  ['{"id":9007199254740993}', /beyond 2\^53/, 'it would be sent as its neighbour'],
  ['{"id":1,"id":2}', /stands twice/, 'one of the two would be sent'],
])('a file that holds %s is refused: %s, %s', (text, problem) => {
  expect(() => payloadIn(Buffer.from(text), 'lead.json')).toThrow(problem);
});

test('a file that is sound is what it says', () => {
  expect(payloadIn(Buffer.from('\ufeff{"id":1}'), 'lead.json')).toEqual({ id: 1 });
});
