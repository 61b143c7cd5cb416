import { expect, test } from 'vitest';
import { ticketId } from './ids.ts';

const now = new Date('2026-11-23T06:00:00.123Z');
const random = Buffer.alloc(8, 0xff);

test('a ticket id is a UUIDv7 that sorts by time', () => {
  const id = ticketId(now, 'form', 'lead-1', random);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(now.getTime());
  expect(ticketId(new Date(now.getTime() + 1), 'form', 'lead-1', random) > id).toBe(true);
});

test('the 12 bits after the version depend on source and identity alone', () => {
  const bits = (source: string, identity: string, at = now) =>
    ticketId(at, source, identity, random).slice(15, 18);
  expect(bits('form', 'lead-1')).toBe(bits('form', 'lead-1', new Date(0)));
  expect(bits('form', 'lead-1')).not.toBe(bits('form', 'lead-2'));
  expect(bits('a', 'bc')).not.toBe(bits('ab', 'c'));
});
