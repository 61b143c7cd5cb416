import { expect, test } from 'vitest';
import { placeFrom, timedPlaceFrom } from './cursor.ts';

const ticketId = '0199f0c4-7a12-7bcd-8e21-000000000001';
const at = '2026-03-01T10:00:00.000Z';

test('the place that a page ends at is read as it was written', () => {
  expect(placeFrom(`${ticketId}~3`)).toEqual({ ticketId, seq: 3 });
  expect(timedPlaceFrom(`${at}~${ticketId}~3`)).toEqual({ at: new Date(at), ticketId, seq: 3 });
});

test.each([
  [placeFrom, '', 'nothing'],
  [placeFrom, ticketId, 'no row of the ticket'],
  [placeFrom, `${ticketId}~1234567890`, 'more than a row number holds'],
  [placeFrom, `${at}~${ticketId}~3`, 'the place of another list'],
  [timedPlaceFrom, `${ticketId}~3`, 'no time'],
  [timedPlaceFrom, `2026-13-01T10:00:00.000Z~${ticketId}~3`, 'no such month'],
  [timedPlaceFrom, `${at}~nobody~3`, 'no ticket'],
])('%o refuses %o: %s', (read, text) => {
  expect(() => read(text)).toThrow(`"${text}" is no place in this list.`);
});
