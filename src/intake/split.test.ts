import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Trigger } from '../decision.ts';
import { limits } from '../limits.ts';
import { compileExpression, expressionEnvironment } from '../workflow/expression.ts';
import { payloadOf, splitDelivery } from './split.ts';

const headers = { 'content-type': 'application/json', 'content-length': '9', 'x-topic': 'leads' };

function delivery(contentType: string, body: string): Trigger {
  return { source: 'form', contentType, headers, body: Buffer.from(body) };
}

const environment = expressionEnvironment({ payload: true, headers: true });
const by = (source: string | null) => ({
  split: source === null ? null : compileExpression(source, environment).expression,
  jsonField: null,
});

/** The bodies of a delivery's parts, as texts. */
function parts(source: string | null, whole: Trigger): string[] {
  const split = splitDelivery(by(source), whole);
  if (split.kind !== 'parts') throw new Error(`not split: ${JSON.stringify(split)}`);
  return split.parts.map(({ body }) => Buffer.from(body).toString());
}

const json = 'application/json';
const meta = JSON.stringify({
  object: 'page',
  entry: [
    {
      id: '1',
      changes: [
        { field: 'leadgen', value: { leadgen_id: 'a' } },
        { field: 'leadgen', value: { leadgen_id: 'b' } },
      ],
    },
    { id: '2', changes: [{ field: 'leadgen', value: { leadgen_id: 'c' } }] },
  ],
});

describe('the triggers that a delivery holds', () => {
  test.each<[source: string, body: string, expected: unknown[], reason: string]>([
    [
      'payload',
      '[{"objectId":1},{"objectId":2}]',
      [{ objectId: 1 }, { objectId: 2 }],
      'HubSpot sends a list',
    ],
    ['payload', '[1.5,"x",null,true]', [1.5, 'x', null, true], 'of whatever'],
    [
      'payload.entry.map(e, e.changes)',
      meta,
      JSON.parse(meta).entry.flatMap((e: { changes: unknown[] }) => e.changes),
      'Meta: lists in the list are opened once',
    ],
    [
      'payload.entry.map(e, e.changes.map(c, c.value.leadgen_id))',
      meta,
      ['a', 'b', 'c'],
      'what is made of them',
    ],
    ['payload.filter(e, e.keep)', '[{"keep":false},{"keep":true}]', [{ keep: true }], 'some of them'],
    ['[payload]', '{"a":[1]}', [{ a: [1] }], 'one is a part too'],
    ['headers["x-topic"] == "leads" ? payload : []', '[1]', [1], 'it sees the headers'],
    ['payload', '[]', [], 'none'],
  ])('%s', (source, body, expected, reason) => {
    expect(
      parts(source, delivery(json, body)).map((text) => JSON.parse(text)),
      reason,
    ).toEqual(expected);
  });

  test('a part is JSON, knows its place, and keeps the headers but those of the whole', () => {
    const split = splitDelivery(by('payload'), delivery('application/vnd.api+json', '[1,2]'));
    expect(split).toMatchObject({
      kind: 'parts',
      parts: [
        { part: 0, contentType: json },
        { part: 1, headers: { 'x-topic': 'leads', 'content-type': json } },
      ],
    });
    expect(JSON.stringify(split)).not.toContain('content-length');
  });

  test('without a split a list is one trigger; and a part is not split again', () => {
    expect(splitDelivery(by(null), delivery(json, '[1,2]'))).toEqual({ kind: 'lone' });
    expect(splitDelivery(by('payload'), { ...delivery(json, '[1]'), part: 0 })).toEqual({ kind: 'lone' });
  });

  test.each<[body: string, expected: string[], reason: string]>([
    ['{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}'], 'each line is one'],
    [
      '{"a":1}\r\n\r\n \t\n{"a": 2 }',
      ['{"a":1}\r', '{"a": 2 }'],
      'bytes as they stand; blank lines are none',
    ],
    ['{"a":1}\nnot json\n3', ['{"a":1}', 'not json', '3'], 'a broken line is a trigger that stops by itself'],
    ['', [], 'none'],
  ])('NDJSON %j', (body, expected, reason) => {
    for (const type of ['application/x-ndjson', 'application/jsonl; charset=utf-8']) {
      expect(parts(null, delivery(type, body)), reason).toEqual(expected);
    }
  });

  test('a batch of CloudEvents is split into events', () => {
    const event = { specversion: '1.0', id: '1', source: '/s', type: 't' };
    const split = splitDelivery(
      by(null),
      delivery('application/cloudevents-batch+json', JSON.stringify([event, 2])),
    );
    expect(split).toMatchObject({
      parts: [{ contentType: 'application/cloudevents+json', part: 0 }, { part: 1 }],
    });
    const [first, second] = split.kind === 'parts' ? split.parts : [];
    expect(first && payloadOf(by(null), first)).toEqual({ ok: true, value: event });
    expect(second && payloadOf(by(null), second)).toMatchObject({ ok: false, mode: 'unparseable' });
  });

  test('property: lines come out as they went in', () => {
    const line = fc.string().filter((text) => text.trim() !== '' && !/[\n\r]/.test(text));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(parts(null, delivery('application/x-ndjson', lines.join('\n')))).toEqual(lines);
      }),
    );
  });
});

describe('what cannot be split is kept whole, with the reason', () => {
  const listOf = (length: number) => JSON.stringify(Array.from({ length }, (_, at) => at));

  test.each<
    [source: string | null, type: string, body: string, mode: string, problem: string, reason: string]
  >([
    ['payload.entry', json, '{}', 'transform_failed', 'Not split: ', 'what it names is not there'],
    ['payload', json, '{}', 'transform_failed', 'Not split: payload is no list', 'no list'],
    ['payload', json, '[', 'unparseable', 'The body is not JSON', 'no JSON'],
    [
      'payload',
      json,
      listOf(limits.triggersPerDeliveryMax + 1),
      'transform_failed',
      'at most 500',
      'too many',
    ],
    [
      null,
      'application/x-ndjson',
      '1\n'.repeat(limits.triggersPerDeliveryMax + 1),
      'transform_failed',
      'holds 501',
      'too many lines',
    ],
    [null, 'application/cloudevents-batch+json', '{}', 'unparseable', 'is a JSON array', 'no batch'],
  ])('%s %s', (source, type, body, mode, problem, reason) => {
    const whole = delivery(type, body);
    expect(splitDelivery(by(source), whole), reason).toMatchObject({ kind: 'unsplit' });
    expect(payloadOf(by(source), whole)).toEqual({
      ...{ ok: false, mode },
      problem: expect.stringContaining(problem),
    });
  });

  test('as many as are allowed', () => {
    expect(parts('payload', delivery(json, listOf(limits.triggersPerDeliveryMax)))).toHaveLength(500);
  });

  test('a whole delivery has no payload of its own, also where it could be split by now', () => {
    expect(payloadOf(by('payload'), delivery(json, '[1,2]'))).toEqual({
      ok: false,
      mode: 'transform_failed',
      problem: 'The delivery holds 2 triggers: send it again, and discard this ticket.',
    });
  });
});
