import { expect, test } from 'vitest';
import { meant, shortIds, wholeId } from './short-id.ts';

const a = { ticketId: '0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41', seq: 1 };
const b = { ticketId: '0199f0c4-7a12-7bcd-8e21-5a3b9c1d2f41', seq: 1 };
const b2 = { ...b, seq: 2 };

test.each([
  ['8d2f41', a, 'an end'],
  ['8D2F41', a, 'in capitals'],
  ['1d2f41/2', b2, 'an end with its number'],
  [`${b.ticketId}/1`, b, 'the whole'],
])('%s means one: %s', (id, one) => {
  expect(meant([a, b, b2], id, 'exception')).toBe(one);
});

test.each([
  ['d2f41', /could be .*8d2f41\/1, .*1d2f41\/1, .*1d2f41\/2/, 'several end so'],
  ['1d2f41', /could be/, 'the ticket has two'],
  ['ffffff', /No exception is called "ffffff"/, 'none ends so'],
  ['', /No exception is called ""/, 'nothing is no end'],
  ['../x', /No exception is called/, 'no id at all'],
])('%s is refused: %s', (id, message) => {
  expect(() => meant([a, b, b2], id, 'exception')).toThrow(message);
});

test('short ids tell all apart, six characters or more', () => {
  expect([a].map(shortIds([a]))).toEqual(['8d2f41/1']);
  expect([a, b].map(shortIds([a, b, b2]))).toEqual(['8d2f41/1', '1d2f41/1']);
  const twin = { ticketId: a.ticketId.replace('5a3b', '6a3b'), seq: 1 };
  expect([a, twin].map(shortIds([a, twin]))).toEqual(['5a3b9c8d2f41/1', '6a3b9c8d2f41/1']);
});

test('a whole id is taken as it is', () => {
  expect(wholeId(`${a.ticketId}/12`)).toEqual({ ticketId: a.ticketId, seq: 12 });
  expect(wholeId('8d2f41/1')).toBeNull();
});
