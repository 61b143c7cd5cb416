import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkAnyProof } from '../../src/intake/proof/worker.ts';
import type { SignedRequest } from '../../src/intake/request.ts';
import { type KeysServer, startKeysServer } from '../support/keys-server.ts';
import { type TokenProvider, tokenProviders } from '../support/token-providers.ts';
import { body, type Clocked, clocked, now, postOf } from '../support/tokens.ts';
import { sourceOf } from '../support/verify.ts';

/** Senders of tokens and of certificates, as data: what each sends is authentic, and nothing else is. */

const file = (name: string) =>
  readFileSync(new URL(`../support/certificates/${name}`, import.meta.url), 'utf8');
let keys: KeysServer;
let shell: Clocked;
beforeAll(async () => {
  keys = await startKeysServer();
});
afterAll(() => keys.close());
beforeEach(() => {
  shell = clocked();
  keys.pages.clear();
});

async function proof(
  { yaml, pages = {}, secret = 's3cret' }: TokenProvider,
  request: SignedRequest,
  held = secret,
) {
  for (const [path, page] of Object.entries(pages)) keys.pages.set(path, page);
  keys.pages.set('/signing.pem', file('signing.pem'));
  const { verify } = sourceOf(yaml.replaceAll('KEYS', keys.url));
  if (verify === null) throw new Error('no verify');
  return await checkAnyProof(shell, verify, request, [{ ref: { env: 'S' }, values: [held] }]);
}

function requestOf(each: TokenProvider, text?: string): SignedRequest {
  const made = each.sent({ keys: keys.url, signing: file('signing.key') });
  const bare = postOf({}, body, 'https://hooks.example.com/in/meta-ads');
  const whole = { ...bare, ...made, headers: { ...bare.headers, ...made.headers } };
  return text === undefined ? whole : { ...whole, body: Buffer.from(text) };
}

describe.each(tokenProviders.map((each) => [each.name, each] as const))('%s', (_name, each) => {
  test('what it sends is authentic', async () => {
    expect(await proof(each, requestOf(each))).toMatchObject({ authentic: true, holds: true });
  });

  test('another body is refused, where the token says something of it', async () => {
    const { body: sent } = requestOf(each);
    const forged = requestOf(
      each,
      Buffer.from(sent)
        .toString()
        .replace(/12\.5|ey/, '92.5'),
    );
    expect((await proof(each, forged)).authentic).toBe(each.bodyIsFree === true);
  });

  test('long afterwards it is too old, and the report says that the signature holds', async () => {
    shell.at = new Date(now.getTime() + 7_200_000);
    expect(await proof(each, requestOf(each))).toMatchObject({
      authentic: false,
      reason: 'too_old',
      holds: true,
    });
  });

  // Plaid's only asks for keys, which everybody may know.
  test.skipIf(!/secret:(?!.*keys:)/.test(each.yaml))('under another secret it is not', async () => {
    const found = await proof(each, requestOf(each), 'another');
    expect(found.authentic).toBe(false);
    expect(JSON.stringify(found)).not.toContain('another"');
  });
});
