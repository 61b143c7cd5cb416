import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chain, type EntryDraft, emptyChain } from './chain.ts';
import { canonical, entryHash, payloadDigest, sha256 } from './encoding.ts';
import { type AuditedTicket, verifyTicket } from './verify.ts';

const id = '019ab000-0000-7000-8000-000000000000';
const at = new Date('2026-01-02T03:04:05.678Z');
const salt = Buffer.alloc(16, 7);
const body = Buffer.from('{"lead":1}');

function ticketOf(drafts: readonly EntryDraft[], bytes: Buffer | null = body): AuditedTicket {
  const entries = chain(id, emptyChain, drafts, at);
  const head = entries.at(-1);
  if (head === undefined) throw new Error('a ticket has at least one entry');
  const payloads = [{ revision: 1, contentType: 'application/json', headers: '{}', body: bytes, salt }];
  return { id, headSeq: head.seq, headHash: head.hash, entries, payloads, delivery: null };
}

const received: EntryDraft = {
  kind: 'received',
  actor: 'source:form',
  data: { revision: 1, payload: payloadDigest(salt, 'application/json', '{}', body).toString('hex') },
};
const decided: EntryDraft = {
  kind: 'decided',
  actor: 'signalbox',
  data: { z: 1, a: { y: 'ü', b: [1, null] } },
};
const whole = ticketOf([received, decided]);
const [first, second] = whole.entries;
if (first === undefined || second === undefined) throw new Error('two entries were chained');

describe('the verifier names what is not as it was written', () => {
  test('a whole record is whole', () => {
    expect(verifyTicket(whole)).toBeNull();
  });

  test.each<[altered: AuditedTicket, seq: number | null, what: string, reason: string]>([
    [{ ...whole, entries: [first, { ...second, kind: 'dropped' }] }, 2, 'entry', 'a kind was changed'],
    [{ ...whole, entries: [first, { ...second, actor: 'person:x' }] }, 2, 'entry', 'an actor was changed'],
    [{ ...whole, entries: [first, { ...second, at: new Date(0) }] }, 2, 'entry', 'a time was changed'],
    [{ ...whole, entries: [{ ...first, data: '{}' }, second] }, 1, 'entry', 'data was changed'],
    [{ ...whole, entries: [second] }, 2, 'entry', 'the first entry was removed'],
    [{ ...whole, entries: [first] }, 1, 'head', 'the last entry was removed'],
    [{ ...whole, entries: [second, first] }, 2, 'entry', 'entries were put in another order'],
    [{ ...whole, headHash: Buffer.alloc(32) }, 2, 'head', 'the head was changed'],
    [
      ticketOf([received, decided], Buffer.from('{"lead":2}')),
      1,
      'payload',
      'one byte of the payload was changed',
    ],
    [ticketOf([received, decided], null), 1, 'payload', 'the payload was removed without saying so'],
    [{ ...whole, payloads: [] }, 1, 'payload', 'the payload row was removed'],
    [ticketOf([decided]), null, 'payload', 'a payload that no entry names was put in'],
  ])('%#', (altered, seq, what, reason) => {
    expect(verifyTicket(altered), reason).toMatchObject({ ticketId: id, seq, what });
  });

  test('an erased payload leaves the chain verifiable', () => {
    const erased: EntryDraft = { kind: 'payload_erased', actor: 'person:dana', data: { revision: 1 } };
    expect(verifyTicket(ticketOf([received, decided, erased], null))).toBeNull();
  });
});

describe('the delivery that a ticket was split from', () => {
  const delivery = {
    id: 'd-1',
    contentType: 'application/json',
    headers: '{}',
    body: Buffer.from('[1]'),
    salt,
  };
  const digest = payloadDigest(salt, 'application/json', '{}', delivery.body).toString('hex');
  const part: EntryDraft = {
    ...received,
    data: { ...received.data, delivery: 'd-1', part: 0, delivery_digest: digest },
  };
  const erased: EntryDraft = { kind: 'delivery_erased', actor: 'person:dana', data: { delivery: 'd-1' } };
  const split = { ...ticketOf([part, decided]), delivery };

  test.each<[altered: AuditedTicket, seq: number | null | undefined, reason: string]>([
    [split, undefined, 'it is whole'],
    [{ ...split, delivery: { ...delivery, body: Buffer.from('[2]') } }, 1, 'one byte was changed'],
    [{ ...split, delivery: { ...delivery, headers: '{"a":"1"}' } }, 1, 'its headers were changed'],
    [{ ...split, delivery: null }, 1, 'it was removed, or the ticket no longer names it'],
    [{ ...split, delivery: { ...delivery, id: 'd-2' } }, 1, 'another was put in its place'],
    [{ ...split, delivery: { ...delivery, body: null } }, 1, 'it was erased without saying so'],
    [
      { ...ticketOf([part, decided, erased]), delivery: { ...delivery, body: null } },
      undefined,
      'it was erased',
    ],
    [{ ...whole, delivery }, null, 'one that no entry names was put in'],
  ])('%#', (altered, seq, reason) => {
    const expected = seq === undefined ? null : { ticketId: id, seq, what: 'delivery' };
    const broken = verifyTicket(altered);
    expect(broken && { ticketId: broken.ticketId, seq: broken.seq, what: broken.what }, reason).toEqual(
      expected,
    );
  });
});

describe('the encoding', () => {
  test('an entry hash is over its RFC 8785 canonical JSON', () => {
    const previous = Buffer.alloc(32, 1);
    const entry = {
      ticketId: id,
      seq: 3,
      at,
      kind: 'kind "x"\n',
      actor: 'person:é',
      data: canonical({ b: 1, a: 2 }),
    };
    const whole = canonical({
      ticket: id,
      seq: 3,
      at: at.toISOString(),
      kind: entry.kind,
      actor: entry.actor,
      data: { a: 2, b: 1 },
      previous: previous.toString('hex'),
    });
    expect(entryHash(entry, previous).toString('hex')).toBe(sha256(whole).toString('hex'));
  });

  test('property: any data chains, and any other data breaks it', () => {
    const data = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ noUnicodeString: false }));
    fc.assert(
      fc.property(data, data, (one, other) => {
        const ticket = ticketOf([received, { ...decided, data: one }]);
        expect(verifyTicket(ticket)).toBeNull();
        const [head, last] = ticket.entries;
        if (head === undefined || last === undefined || canonical(one) === canonical(other)) return;
        const altered = { ...ticket, entries: [head, { ...last, data: canonical(other) }] };
        expect(verifyTicket(altered)).toMatchObject({ seq: 2, what: 'entry' });
      }),
    );
  });
});
