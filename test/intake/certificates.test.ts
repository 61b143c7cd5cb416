import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import Fastify from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { problemHandlers } from '../../src/api/problem.ts';
import type { Trigger } from '../../src/decision.ts';
import { challengeOf } from '../../src/intake/challenge.ts';
import { believedAddress } from '../../src/intake/fetched-keys.ts';
import { intakeRoutes, intakeServerOptions } from '../../src/intake/http.ts';
import { challengePresets, presets, verifyBy } from '../../src/intake/presets.ts';
import { overridden } from '../../src/intake/schemes.ts';
import { limits } from '../../src/limits.ts';
import type { Shell } from '../../src/shell.ts';
import type { ChallengeText } from '../../src/workflow/challenge-schema.ts';
import type { Project, Source, Verify } from '../../src/workflow/project.ts';
import type { SchemeText } from '../../src/workflow/verify-schema.ts';
import { type KeysServer, startKeysServer } from '../support/keys-server.ts';
import { type Clocked, clocked, now, seconds, token, verifyOf } from '../support/tokens.ts';

/** AWS SNS over a real socket, its certificates and its confirmation page on a real server; and tokens that are the body. */

const file = (name: string) =>
  readFileSync(new URL(`../support/certificates/${name}`, import.meta.url), 'utf8');
const key = file('signing.key');
const topic = 'arn:aws:sns:eu-west-1:123456789012:orders';
const loopback = '127\\.0\\.0\\.1';

let keys: KeysServer;
let shell: Clocked;
let taken: Trigger[] = [];
let sources: Map<string, Source>;
const app = Fastify({ ...intakeServerOptions });

beforeAll(async () => {
  keys = await startKeysServer();
  problemHandlers(app);
  await app.register(intakeRoutes, {
    shell: {
      db: {} as Shell['db'],
      clock: { now: () => shell.at },
      get log() {
        return shell.log;
      },
      project: () => ({ sources }) as unknown as Project,
      secrets: () => ['s3cret'],
    },
    rehearse: async () => ({ dry_run: true, triggers: [] }),
    receive: async (trigger) => {
      taken.push(trigger);
      return { split: false, submitted: { kind: 'joined', ticketId: 't' } };
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await app.close();
  await keys.close();
});
beforeEach(() => {
  shell = clocked();
  taken = [];
  keys.reset();
  keys.pages.clear();
  keys.pages.set('/signing.pem', file('signing.pem'));
  sources = new Map([source('sns', sns()), source('events', tokenBody())]);
});

const sns = () =>
  verifyBy('aws-sns', [], {
    expect: { '/TopicArn': topic },
    keys: { host: loopback, allow_private: true },
  });
const tokenBody = (): Verify => ({
  ...verifyOf({ algorithm: 'jwt-hs256', signature: { body: 'whole' } }),
  secrets: [{ env: 'S' }],
});

function source(name: string, verify: Verify): [string, Source] {
  const visit = { field: '/SubscribeURL', host: loopback, allow_private: true };
  return [
    name,
    {
      key: name,
      summary: name,
      owner: 'team:web',
      verify,
      publicUrl: null,
      challenge:
        name === 'sns'
          ? {
              challenge: challengeOf(overridden<ChallengeText>(challengePresets['aws-sns'], { visit })),
              secrets: [],
            }
          : null,
      contentType: name === 'sns' ? 'application/json' : null,
      poll: null,
      reconcile: null,
      bodyBytesMax: limits.bodyBytesMax,
      rateLimit: null,
      requiresIdempotencyKey: false,
    },
  ];
}

type Message = Record<string, string>;

const message = (more: Message = {}): Message => ({
  Type: 'Notification',
  MessageId: 'm-1',
  TopicArn: topic,
  Subject: 'An order',
  Message: '{"order":7}\nwith a line break, é',
  Timestamp: now.toISOString(),
  SignatureVersion: '2',
  SigningCertURL: `${keys.url}/signing.pem`,
  UnsubscribeURL: `${keys.url}/unsubscribe`,
  ...more,
});

/** As the vendor's page says, in its order. */
function signed(content: Message, hash = 'sha256'): Message {
  const names =
    content.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names
    .filter((name) => name in content)
    .map((name) => `${name}\n${content[name]}\n`)
    .join('');
  return { ...content, Signature: sign(hash, Buffer.from(text), key).toString('base64') };
}

async function post(content: Message | string | Buffer, name = 'sns', type = 'text/plain; charset=UTF-8') {
  const response = await app.inject({
    method: 'POST',
    url: `/in/${name}`,
    headers: { 'content-type': type },
    payload: typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
  });
  return {
    status: response.statusCode,
    reason: response.body === '' ? null : (response.json().reason ?? null),
  };
}

describe('a notification', () => {
  test('that SNS signed is taken, and is JSON whatever it calls itself', async () => {
    expect(await post(signed(message()))).toMatchObject({ status: 200 });
    const { Subject: _, ...without } = message({ MessageId: 'm-2' });
    expect(await post(signed(without))).toMatchObject({ status: 200 });
    expect(taken.map(({ contentType }) => contentType)).toEqual(['application/json', 'application/json']);
    expect(keys.asked).toEqual(['/signing.pem']);
  });

  test.each([
    [{ Message: 'another' }, 'wrong_signature', 'another message'],
    [{ Subject: '' }, 'wrong_signature', 'without its subject'],
    [{ Token: 'x' }, 'wrong_signature', 'with a field more that would be signed'],
    [{ Signature: '' }, 'missing_signature', 'without its signature'],
    [{ Signature: '%%' }, 'malformed_signature', 'a signature that is none'],
    [{ SigningCertURL: '' }, 'missing_signature', 'without its certificate’s address'],
    [{ Timestamp: 'yesterday' }, 'malformed_signature', 'a time that is none'],
  ])('%#: %j is %s (%s)', async (change, reason, _why) => {
    expect(await post({ ...signed(message()), ...change } as Message)).toEqual({ status: 401, reason });
  });

  test.each([
    [{ TopicArn: `${topic}-of-another` }, 'wrong_value', 'another topic'],
    [{ SignatureVersion: '1' }, 'wrong_value', 'another version of signatures'],
    [{ Type: 'Notification\nTopicArn\nx\nType\nNotification' }, 'wrong_value', 'lines put into its type'],
    [{ Timestamp: new Date(now.getTime() - 66 * 60_000).toISOString() }, 'too_old', 'of long ago'],
  ])('%#: %j, signed all the same, is %s (%s)', async (change, reason, _why) => {
    const content = message(change as Message);
    const names = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
    const text = names.map((name) => `${name}\n${content[name]}\n`).join('');
    const whole = { ...content, Signature: sign('sha256', Buffer.from(text), key).toString('base64') };
    expect(await post(whole)).toEqual({ status: 401, reason });
  });

  test('with SHA-1 is taken where the project says so, and only there', async () => {
    const old = signed(message({ SignatureVersion: '1' }), 'sha1');
    expect(await post(old)).toEqual({ status: 401, reason: 'wrong_signature' });
    const text = overridden<SchemeText>(presets['aws-sns'], {
      algorithm: 'rsa-sha1',
      expect: { '/TopicArn': topic, '/SignatureVersion': '1' },
      keys: { host: loopback, allow_private: true },
    });
    sources = new Map([source('sns', verifyOf(text))]);
    expect(await post(old)).toMatchObject({ status: 200 });
  });

  test('any one bit flipped in its body refuses', async () => {
    const bytes = Buffer.from(JSON.stringify(signed(message())));
    const names = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type', 'Signature'];
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        const read = parsed(flipped.toString());
        // What is not signed may change: the address to unsubscribe at, or how a text is escaped.
        fc.pre(read === null || names.some((name) => read[name] !== parsed(bytes.toString())?.[name]));
        sources = new Map([source('sns', sns())]);
        const { status } = await post(flipped);
        expect([401, 429, 503]).toContain(status);
        expect(taken).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('its certificate', () => {
  const snsHost = presets['aws-sns'].keys.host;
  test.each([
    ['https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem', true, 'a region'],
    ['https://sns.us-gov-west-1.amazonaws.com/x.pem', true, 'a region of more parts'],
    ['https://sns.cn-north-1.amazonaws.com.cn/x.pem', true, 'a region in China'],
    ['https://SNS.EU-WEST-1.AMAZONAWS.COM/x.pem', true, 'names of hosts have no case'],
    ['https://sns.s3-us-west-2.amazonaws.com/x.pem', false, 'a bucket'],
    ['https://sns.s3-external-1.amazonaws.com/x.pem', false, 'a bucket'],
    ['https://sns.eu-west-1.amazonaws.com.example.com/x.pem', false, 'a longer name'],
    ['https://x-sns.eu-west-1.amazonaws.com/x.pem', false, 'a longer beginning'],
    ['https://sns.eu-west-1.amazonaws.com@example.com/x.pem', false, 'a name before the host'],
    ['https://example.com/sns.eu-west-1.amazonaws.com', false, 'the name in the path'],
    ['https://sns.eu-west-1.amazonaws.com:8443/x.pem', false, 'another port'],
    ['http://sns.eu-west-1.amazonaws.com/x.pem', false, 'no TLS'],
    ['https://sns.eu-west-1.amazonaws.com\n.example.com/x.pem', false, 'a line break'],
    ['file:///etc/passwd', false, 'no web address'],
    ['sns.eu-west-1.amazonaws.com', false, 'no address'],
    [`https://sns.eu-west-1.amazonaws.com/${'x'.repeat(2_000)}`, false, 'too long'],
  ])('%s: %s (%s)', (address, believed, _why) => {
    expect(believedAddress(address, { host: snsHost, allowPrivate: false }) !== null).toBe(believed);
  });

  test.each([
    ['/none.pem', 503, 'nothing stands there'],
    ['/expired.pem', 401, 'it has expired'],
    ['/rubbish.pem', 503, 'it is none'],
  ])('%s: %i (%s)', async (path, status, _why) => {
    keys.pages.set('/expired.pem', file('signing-expired.pem')).set('/rubbish.pem', 'rubbish');
    expect((await post(signed(message({ SigningCertURL: `${keys.url}${path}` })))).status).toBe(status);
  });

  test('of a host that nobody named is not asked for', async () => {
    const url = keys.url.replace('127.0.0.1', 'localhost');
    expect(await post(signed(message({ SigningCertURL: `${url}/signing.pem` })))).toEqual({
      status: 401,
      reason: 'untrusted_keys',
    });
    expect(keys.asked).toEqual([]);
  });

  test('with another key does not fit', async () => {
    keys.pages.set('/ec.pem', file('sound.pem'));
    const { status } = await post(signed(message({ SigningCertURL: `${keys.url}/ec.pem` })));
    expect(status).toBe(503);
  });

  test('ever new addresses make us ask so often in a minute, and the known one still counts', async () => {
    expect(await post(signed(message()))).toMatchObject({ status: 200 });
    for (let index = 1; index <= limits.keyFetchesPerMinute + 3; index += 1) {
      await post(signed(message({ SigningCertURL: `${keys.url}/signing.pem?${index}` })));
    }
    expect(keys.asked).toHaveLength(limits.keyFetchesPerMinute);
    expect(await post(signed(message()))).toMatchObject({ status: 200 });
  });
});

test('what cannot be had is logged so often in a minute, whoever asks', async () => {
  const lost = JSON.stringify(signed(message({ SigningCertURL: `${keys.url}/none.pem` })));
  const send = async () => (await app.inject({ method: 'POST', url: '/in/sns', payload: lost })).statusCode;
  const all: number[] = [];
  for (let index = 0; index <= limits.strangersPerMinute; index += 1) all.push(await send());
  expect(new Set(all)).toEqual(new Set([503]));
  const told = shell.lines.filter((line) => line.includes('the secret of a source cannot be used'));
  expect(told).toHaveLength(limits.strangersPerMinute);
});

describe('the confirmation of a subscription', () => {
  const question = (more: Message = {}) => {
    const { Subject: _, UnsubscribeURL: __, ...rest } = message();
    return signed({
      ...rest,
      Type: 'SubscriptionConfirmation',
      Token: 'abc',
      SubscribeURL: `${keys.url}/confirm?Token=abc`,
      ...more,
    });
  };

  test('visits the address, answers, and stands in the log', async () => {
    keys.pages.set('/confirm?Token=abc', '<ok/>');
    const response = await app.inject({
      method: 'POST',
      url: '/in/sns',
      payload: JSON.stringify(question()),
    });
    expect([response.statusCode, response.body]).toEqual([200, '']);
    expect(keys.asked).toContain('/confirm?Token=abc');
    expect(taken).toEqual([]);
    const line = shell.lines
      .map((each) => JSON.parse(each))
      .find(({ msg }) => msg === 'a handshake was answered');
    expect(line).toMatchObject({ source: 'sns', visited: new URL(keys.url).host });
    expect(shell.lines.join('\n')).not.toContain('Token=abc');
  });

  test('that is not signed visits nothing', async () => {
    const forged = { ...question(), SubscribeURL: `${keys.url}/elsewhere` };
    expect(await post(forged)).toEqual({ status: 401, reason: 'wrong_signature' });
    expect(keys.asked).not.toContain('/elsewhere');
  });

  test('visits no host that nobody named', async () => {
    const url = keys.url.replace('127.0.0.1', 'localhost');
    expect(await post(question({ SubscribeURL: `${url}/confirm` }))).toEqual({
      status: 400,
      reason: 'malformed_challenge',
    });
  });

  test('comes again where the address does not answer', async () => {
    expect(await post(question())).toMatchObject({ status: 503 });
    keys.pages.set('/confirm?Token=abc', '<ok/>');
    expect(await post(question())).toEqual({ status: 200, reason: null });
  });

  test('so many are visited at once', async () => {
    keys.pages.set('/confirm?Token=abc', '<ok/>');
    await post(signed(message()));
    const open = Promise.withResolvers<void>();
    keys.gate = open.promise;
    const send = async () =>
      (await app.inject({ method: 'POST', url: '/in/sns', payload: JSON.stringify(question()) })).statusCode;
    const under = Array.from({ length: limits.visitsInFlightMax }, send);
    const visited = () => keys.asked.filter((path) => path.startsWith('/confirm')).length;
    await expect.poll(visited).toBe(limits.visitsInFlightMax);
    expect(await send()).toBe(503);
    open.resolve();
    expect(new Set(await Promise.all(under))).toEqual(new Set([200]));
  });
});

describe('a token that is the whole body', () => {
  test('is taken as what stands in it', async () => {
    const event = { iss: 'a', iat: seconds, events: { 'https://a.example/signed-out': { sub: '7' } } };
    const { status } = await post(token('HS256', 's3cret', event), 'events', 'application/secevent+jwt');
    expect(status).toBe(200);
    expect(taken[0]).toMatchObject({ contentType: 'application/json' });
    expect(JSON.parse(Buffer.from(taken[0]?.body ?? '').toString())).toEqual(event);
  });

  test('is refused where it is signed by another', async () => {
    const forged = token('HS256', 'other', { iat: seconds });
    expect(await post(forged, 'events', 'application/jwt')).toEqual({
      status: 401,
      reason: 'wrong_signature',
    });
    expect(taken).toEqual([]);
  });
});

function parsed(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
