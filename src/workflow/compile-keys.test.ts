import { expect, test } from 'vitest';
import { changed } from '../../test/support/project-texts.ts';
import { limits } from '../limits.ts';
import { loadProject } from './load.ts';

/** What `check` says of tokens and of keys that are fetched. */

function said(yaml: string): string[] {
  const before = '    verify: { scheme: github, secret: { env: META_SECRET } }';
  const files = changed('signalbox.yaml', before, yaml.replace(/^(?=.)/gm, '    '));
  return loadProject(files).diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
}

const jwt = 'scheme: custom, algorithm: jwt-rs256, signature: { header: x-token }';
const set = 'keys: { url: "https://a.example/jwks" }';
const rsa = 'scheme: custom, algorithm: rsa-sha256, signature: { header: x-sig }';

test.each([
  [`verify: { ${jwt}, ${set}, claims: { aud: us } }`, null, 'a key set, and who the token is for'],
  [
    `verify: { ${jwt}, ${set} }`,
    'warning: any token that is signed with these keys is taken, whoever it was made for',
    'for whomever',
  ],
  [`verify: { ${jwt} }`, '`secret` is missing', 'neither a secret nor keys'],
  [
    `verify: { ${jwt}, ${set}, secret: { env: A }, claims: { aud: us } }`,
    '`secret` is not used: the keys are fetched',
    'both',
  ],
  [
    `verify: { ${jwt}, keys: {}, claims: { aud: us } }`,
    '`keys` says one place where they are fetched',
    'no place',
  ],
  [
    `verify: { ${jwt}, keys: { url: "http://a.example/jwks" }, claims: { aud: us } }`,
    'keys that come over plain http could be anybody’s',
    'http',
  ],
  [
    `verify: { ${jwt}, keys: { url: "http://a.example/jwks", allow_private: true }, claims: { aud: us } }`,
    null,
    'http within',
  ],
  [
    `verify: { ${jwt.replace('rs256', 'hs256')}, ${set}, claims: { aud: us } }`,
    '`keys` are public ones, and `algorithm: jwt-hs256` has a shared secret',
    'a public key as a shared secret',
  ],
  [`verify: { ${jwt.replace('jwt-rs256', 'rs256')}, ${set} }`, '`rs256` is not one of', 'no such algorithm'],
  [
    `verify: { ${jwt}, secret: { env: A }, signs: "{body}" }`,
    '`signs` has no meaning with `algorithm: jwt-rs256`',
    'a template for a token',
  ],
  [
    `verify: { ${jwt}, secret: { env: A }, timestamp: { header: x } }`,
    '`timestamp` has no meaning',
    'a time beside it',
  ],
  [
    `verify: { ${rsa}, secret: { env: A }, claims: { aud: us } }`,
    '`claims` has no meaning',
    'claims without a token',
  ],
  [
    `verify: { ${rsa}, secret: { env: A }, id: { claim: jti } }`,
    'only a token has `claim`',
    'an id from a claim',
  ],
  [`verify: { ${rsa}, ${set} }`, '`url` is the address of the keys of tokens', 'a key set without a token'],
  [
    `verify: { ${rsa}, keys: { certificate: { header: x-url } } }`,
    'a certificate from any host proves nothing',
    'no host',
  ],
  [
    `verify: { ${rsa}, keys: { certificate: {}, host: a } }`,
    '`certificate` does not say where it stands',
    'no place of it',
  ],
  [
    `verify: { ${rsa}, keys: { certificate: { header: x }, host: "(" } }`,
    'this is no regular expression',
    'a pattern that is none',
  ],
  [
    `verify: { ${rsa}, keys: { certificate: { header: x }, host: "(?=a)" } }`,
    'this is no regular expression',
    'look-ahead',
  ],
  [
    `verify: { ${rsa}, keys: { certificate: { header: x }, host: "a\\\\.example", key: /x } }`,
    '`key` has no meaning here',
    'a part of another kind',
  ],
  [
    `verify: { ${jwt}, keys: { certificate: { header: x }, host: a } }`,
    'the keys of tokens come from a key set',
    'a certificate for a token',
  ],
  [
    `verify: { ${jwt}, keys: { url: "https://a.example/k", json: { k: "{kid}" } } }`,
    '`key` is missing',
    'asked one by one, and no place of the key',
  ],
  [
    `verify: { ${jwt}, keys: { url: "https://a.example/k", json: { k: "{kid}", s: "{secret}" }, key: /key } }`,
    '`secret` is missing',
    'a secret to ask with',
  ],
  ['verify: { scheme: plaid, secret: { env: A } }', '`username` is missing', 'the name at Plaid'],
  ['verify: { scheme: plaid, secret: { env: A }, username: me }', null, 'Plaid'],
  ['verify: { scheme: vonage, secret: { env: A } }', null, 'Vonage'],
  [
    'verify: { scheme: google-pubsub }',
    '`claims` does not say what `aud` must be',
    'another customer’s push',
  ],
  ['verify: { scheme: google-pubsub, claims: { aud: us, email: a@b.example } }', null, 'Pub/Sub'],
  [
    'verify: { scheme: aws-sns }',
    '`expect` does not say what `/TopicArn` must be',
    'another customer’s topic',
  ],
  [
    'verify: { scheme: aws-sns, expect: { /TopicArn: "arn:x" } }\nchallenge: { scheme: aws-sns }',
    null,
    'SNS',
  ],
  [
    `verify: { ${jwt}, secret: { env: A }, claims: { a: { sha256: "{bod}" } } }`,
    '`{bod}` is nothing that can be signed',
    'a template',
  ],
  [
    `verify: { ${jwt}, secret: { env: A }, claims: { a: { sha256: "{url}" } } }`,
    'the address is in the digest',
    'whose address nobody has said',
  ],
  [
    `verify: { ${jwt}, secret: { env: A }, claims: { a: { md5: "{body}" } } }`,
    'what `a` must be is said in no form',
    'no such digest',
  ],
  [
    `verify: { ${jwt}, secret: { env: A }, claims: { a: { sha256: "{body}", encoding: hax } } }`,
    'what `a` must be is said in no form',
    'no such encoding',
  ],
  [`verify: { ${jwt}, secret: { env: A }, claims: { a: [[1]] } }`, '`', 'a list in a list'],
  [
    `verify: { ${rsa}, secret: { env: A }, signs: "{signed_fields}" }`,
    '`{signed_fields}` is signed, and `signed_fields` does not say',
    'fields that nobody names',
  ],
  [
    'verify: { scheme: slack, secret: { env: A } }\nchallenge: { scheme: custom, method: POST, when: [{ field: /a }], signed: false, visit: { field: /u, host: a } }',
    'who is not known to be the sender sends us nowhere',
    'a visit for anybody',
  ],
  [
    'verify: { scheme: slack, secret: { env: A } }\nchallenge: { scheme: custom, method: POST, when: [{ field: /a }], visit: { field: /u } }',
    '`visit` does not say which hosts',
    'a visit anywhere',
  ],
  [
    'verify: { scheme: slack, secret: { env: A } }\ncontent_type: application/pdf',
    'is not supported',
    'bodies that nobody reads',
  ],
])('%s: %s (%s)', (yaml, message, _why) => {
  const found = said(yaml);
  if (message === null) expect(found).toEqual([]);
  else expect(found.join('\n')).toContain(message);
});

test.each([
  [limits.expectedValuesMax, 'claims: { a: LIST }, secret: { env: A }', jwt],
  [
    limits.signedHeadersMax,
    'signed_fields: { fields: LIST }, signs: "{signed_fields}", secret: { env: A }',
    rsa,
  ],
])('a list of %i is as long as it may be: %s', (max, written, scheme) => {
  const list = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => `/f${index}`));
  const yaml = (count: number) => `verify: { ${scheme}, ${written.replace('LIST', list(count))} }`;
  expect(said(yaml(max))).toEqual([]);
  expect(said(yaml(max + 1)).join()).toContain(String(max));
});

test('the answer of a handshake writes no header that HTTP reads', () => {
  const challenge = (header: string) =>
    said(
      `verify: { scheme: github, secret: { env: A } }\nchallenge: { scheme: custom, when: [{ field: /a }], headers: { ${header}: "{field:/a}" } }`,
    ).filter((message) => message.includes('header'));
  expect(challenge('Set-Cookie')).toEqual(['error: the header `Set-Cookie` is not for handshakes to write']);
  expect(challenge('X-Hook-Secret')).toEqual([]);
});
