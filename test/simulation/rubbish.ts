import fc from 'fast-check';
import { formToken, lead } from '../support/project.ts';

/** What a hostile, broken or unlucky sender may put on the wire. */

const line = (text: string) => text.replaceAll(/[\r\n\0]/g, '');

const path = fc.oneof(
  { weight: 6, arbitrary: fc.constant('/in/form') },
  fc.constantFrom(
    '/in/none',
    '/in/',
    '/',
    '/in/form/x',
    '/in/%00',
    '/in/%zz',
    '/api/triggers',
    '/health/ready',
    '*',
  ),
  fc.webPath().map((text) => `/in${text}`),
  fc.string({ maxLength: 300 }).map((text) => `/in/form?${encodeURIComponent(text)}`),
  fc.integer({ min: 1, max: 20_000 }).map((length) => `/in/${'a'.repeat(length)}`),
);

const method = fc.oneof(
  { weight: 6, arbitrary: fc.constant('POST') },
  fc.constantFrom('GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'QUERY', 'BREW', 'post'),
);

const contentType = fc.oneof(
  { weight: 5, arbitrary: fc.constant('application/json') },
  fc.constantFrom(
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'multipart/form-data',
    'application/xml',
    'application/x-ndjson',
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'text/plain',
    'a',
    '',
    ';;;=',
  ),
  fc.string({ maxLength: 60 }).map(line),
);

const header = fc.oneof(
  { weight: 3, arbitrary: fc.constant(`authorization: Bearer ${formToken}`) },
  fc.constantFrom(
    'content-encoding: gzip',
    'content-encoding: br',
    'content-encoding: gzip, gzip, gzip',
    'transfer-encoding: chunked',
    'transfer-encoding: gzip, chunked',
    'expect: 100-continue',
    'expect: nothing',
    'connection: upgrade\r\nupgrade: websocket',
    'connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__',
    'host: evil.example',
    'x-forwarded-for: 127.0.0.1',
    'ce-id: 1\r\nce-type: a\r\nce-source: b\r\nce-specversion: 1.0',
    'ce-specversion: 99',
    'signalbox-dry-run: true',
    'idempotency-key: "a"',
    'prefer: respond-async',
    'content-length: 0',
    'content-length: -1',
    'content-length: 99999999999999999999',
  ),
  fc
    .tuple(fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/), fc.string({ maxLength: 100, unit: 'binary' }))
    .map(([name, value]) => `${name}: ${line(value)}`),
);

const id = fc.integer({ min: 0, max: 500 });
const body = fc.oneof(
  { weight: 3, arbitrary: id.map((number) => lead(`fuzz-${number}`)) },
  fc.tuple(id, fc.json()).map(([number, json]) => lead(`fuzz-${number}`, { extra: JSON.parse(json) })),
  fc.tuple(id, fc.string({ unit: 'binary' })).map(([number, name]) => lead(`fuzz-${number}`, { name })),
  fc.json({ maxDepth: 8 }),
  fc.string({ unit: 'binary', maxLength: 500 }),
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: 1, max: 3_000 }).map((depth) => '['.repeat(depth)),
  fc.integer({ min: 1, max: 3_000 }).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
  fc.constantFrom(
    '',
    'null',
    '1e999',
    '"\\ud800"',
    '"\\u0000"',
    '{"lead_id":"a","lead_id":"b"}',
    '{"__proto__":{"x":1},"constructor":{"prototype":{"y":1}}}',
    '{"lead_id":9007199254740993}',
    '\ufeff{}',
    '--x\r\ncontent-disposition: form-data; name="payload"\r\n\r\n{}\r\n--x--\r\n',
    'a=1&a=2&b[]=3&c[d]=%ZZ',
    '{"a":1}\n{"b":2}\n',
    '5\r\n{"a":\r\n1\r\n1\r\n1\r\n}\r\n0\r\n\r\n',
  ),
  fc.integer({ min: 1_000_000, max: 1_200_000 }).map((size) => `"${'x'.repeat(size)}"`),
);

/** A request in the form of HTTP; now and then its length is a lie, or it is cut off. */
export const request: fc.Arbitrary<Buffer> = fc
  .record({
    method,
    path,
    contentType,
    headers: fc.oneof(fc.constant([]), fc.array(header, { maxLength: 3 })),
    body,
    length: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.integer({ min: -5, max: 50 })),
    cut: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
  })
  .map((parts) => {
    const content = Buffer.from(parts.body);
    const head = [
      `${parts.method} ${parts.path} HTTP/1.1`,
      'host: 127.0.0.1',
      'connection: close',
      `authorization: Bearer ${formToken}`,
      `content-type: ${parts.contentType}`,
      `content-length: ${Math.max(0, content.length + parts.length)}`,
      ...parts.headers,
    ].join('\r\n');
    const whole = Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), content]);
    return whole.subarray(0, Math.ceil(whole.length * parts.cut));
  });

/** What is no HTTP at all, or nearly. */
export const rawRubbish: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      '',
      '\r\n\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'GET / HTTP/0.9\r\n\r\n',
      'GET /\r\n',
      'POST /in/form HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /in/form HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\n',
      'POST /in/form HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n',
      'POST /in/form HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      'GET /health/live HTTP/1.1\r\nhost: a\r\n\r\nGET /health/live HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
    )
    .map((text) => Buffer.from(text, 'latin1')),
  fc
    .integer({ min: 1, max: 40_000 })
    .map((size) => Buffer.from(`GET / HTTP/1.1\r\nx: ${'a'.repeat(size)}\r\n\r\n`)),
  fc
    .integer({ min: 1, max: 3_000 })
    .map((count) => Buffer.from(`GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(count)}\r\n`)),
);
