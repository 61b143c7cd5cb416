import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { projectTexts } from '../../test/support/project-texts.ts';
import { sourceOf } from '../../test/support/verify.ts';
import { verifyRequest } from '../intake/signature.ts';
import { isBlock } from './compile-verify.ts';
import { loadProject } from './load.ts';

/** Who is believed when they say who the client is: proxies before the server, and before one source. */

const blocks: [text: string, block: boolean, reason: string][] = [
  ['10.0.0.5', true, 'an address'],
  ['10.0.0.0/8', true, 'a block'],
  ['10.0.0.0/0', false, 'everybody'],
  ['10.0.0.0/32', true, 'the narrowest'],
  ['10.0.0.0/33', false, 'narrower than that'],
  ['fd00::/8', true, 'a block of IPv6'],
  ['::1', true, 'an address of IPv6'],
  ['fd00::/128', true, 'its narrowest'],
  ['fd00::/129', false, 'narrower than that'],
  ['::ffff:10.0.0.1', true, 'IPv4 written as IPv6'],
  ['10.0.0.0/', false, 'no width is no block of all'],
  ['10.0.0.0/8/8', false, 'two widths'],
  ['10.0.0.0/1e1', false, 'no digits'],
  ['10.0.0', false, 'not whole'],
  ['999.1.1.1', false, 'there is no such address'],
  ['abc', false, 'looks like hexadecimal digits'],
  ['proxy.example.com', false, 'a name'],
  ['', false, 'nothing'],
];

test.each(blocks)('%s is an address or block: %s, %s', (text, block) => {
  expect(isBlock(text)).toBe(block);
});

describe('of the server', () => {
  const load = (proxies: string) => {
    const files = new Map(Object.entries(projectTexts));
    return loadProject(
      files.set(
        'signalbox.yaml',
        `${files.get('signalbox.yaml')}\nserver: { trusted_proxies: ${JSON.stringify([proxies])} }\n`,
      ),
    );
  };

  test.each(blocks.filter(([text]) => text !== ''))('%s is taken: %s, %s', (text, block) => {
    const errors = load(text).diagnostics.filter(({ severity }) => severity === 'error');
    if (block) {
      expect(errors).toEqual([]);
      expect(() => Fastify({ trustProxy: [text] }), 'and the server starts with it').not.toThrow();
    } else expect(errors).not.toEqual([]);
  });

  test('what no server could start with says where and what to write', () => {
    expect(load('999.1.1.1').diagnostics.find(({ severity }) => severity === 'error')).toMatchObject({
      code: 'SB113',
      message: '`999.1.1.1` is no address or block',
      help: 'write `10.0.0.5`, `10.0.0.0/8` or `fd00::/8`',
    });
  });

  test.each<[trusted: string[], forwarded: string | undefined, address: string, reason: string]>([
    [[], '203.0.113.9', '127.0.0.1', 'nobody is trusted: the header is not believed'],
    [['10.0.0.0/8'], '203.0.113.9', '127.0.0.1', 'somebody else is'],
    [['127.0.0.1'], '203.0.113.9', '203.0.113.9', 'the proxy is'],
    [['127.0.0.1'], undefined, '127.0.0.1', 'the proxy names nobody'],
    [
      ['127.0.0.1'],
      '198.51.100.7, 203.0.113.9',
      '203.0.113.9',
      'what the client wrote itself is not believed',
    ],
    [['127.0.0.1', '203.0.113.0/24'], '198.51.100.7, 203.0.113.9', '198.51.100.7', 'two proxies in a row'],
    [['127.0.0.1', '203.0.113.0/24'], '203.0.113.9', '203.0.113.9', 'all of them trusted: the farthest'],
  ])('where %j is trusted, and "%s" forwarded, the client is %s: %s', async (trusted, forwarded, address) => {
    const server = Fastify(trusted.length === 0 ? {} : { trustProxy: trusted });
    server.get('/', async ({ ip }) => ip);
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    const { body } = await server.inject({ url: '/', headers, remoteAddress: '127.0.0.1' });
    await server.close();
    expect(body).toBe(address);
  });
});

describe('of a source', () => {
  const now = new Date('2026-03-02T10:00:00Z');
  const verdict = (proxies: string, address: string | null) => {
    const { verify } = sourceOf(
      `verify: { scheme: custom, algorithm: proxy, secret: { env: S }, signature: { header: x-cert }, trusted_proxies: ${proxies} }`,
    );
    if (verify === null) throw new Error('no verify');
    const headers = { 'x-cert': 's3cret' };
    const request = { method: 'POST', url: 'http://s/in/meta-ads', address, headers, body: Buffer.alloc(0) };
    const found = verifyRequest(verify, request, ['s3cret'], now);
    return found.authentic ? 'authentic' : found.reason;
  };
  test.each<[proxies: string, address: string | null, verdict: string, reason: string]>([
    ['[10.1.0.0/16]', '10.1.0.0', 'authentic', 'the first of a block'],
    ['[10.1.0.0/16]', '10.1.255.255', 'authentic', 'the last'],
    ['[10.1.0.0/16]', '10.2.0.0', 'untrusted_proxy', 'one after it'],
    ['[10.1.0.0/16]', '10.0.255.255', 'untrusted_proxy', 'one before it'],
    ['[10.1.0.0/16]', '::ffff:10.1.2.3', 'authentic', 'as a socket that hears both writes it'],
    ['[10.1.0.0/16]', '::FFFF:10.1.2.3', 'authentic', 'in either case'],
    ['[10.1.2.3]', '10.1.2.3', 'authentic', 'one address alone'],
    ['[10.1.2.3]', '10.1.2.4', 'untrusted_proxy', 'and not the next'],
    ['["fd00::/8"]', 'fdff::1', 'authentic', 'a block of IPv6'],
    ['["fd00::/8"]', 'fe00::1', 'untrusted_proxy', 'one after it'],
    ['["fd00::/8"]', '10.1.2.3', 'untrusted_proxy', 'of the other kind'],
    ['["::1"]', '::1', 'authentic', 'one address of IPv6'],
    ['[10.1.0.0/16]', null, 'untrusted_proxy', 'nobody knows who it was'],
    ['[10.1.0.0/16]', '', 'untrusted_proxy', 'nor here'],
  ])('behind %s from %s: %s, %s', (proxies, address, told) => {
    expect(verdict(proxies, address)).toBe(told);
  });
});
