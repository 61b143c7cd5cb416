import { expect, test } from 'vitest';
import { changed } from '../../test/support/project-texts.ts';
import { loadProject } from './load.ts';

/** Findings of signalbox.yaml with one more destination. */
function findings(destination: string, openapi?: string): string[] {
  const files = new Map(changed('workflows/lead.yaml', '', ''));
  const text = files.get('signalbox.yaml') ?? '';
  files.set(
    'signalbox.yaml',
    text.replace(/^destinations:\n/m, `destinations:\n  more: { summary: More, ${destination} }\n`),
  );
  if (openapi !== undefined) files.set('more.openapi.json', openapi);
  return loadProject(files)
    .diagnostics.filter(({ code }) => code !== 'SB173')
    .map(({ code, message }) => `${code} ${message}`);
}

const server = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'More', version: '1' },
  servers: [{ url: 'https://more.example.com' }],
  paths: {},
});
const secret = 'secret: { env: S }';

const rows: readonly [destination: string, finding: string | null, reason: string][] = [
  [
    `url: 'https://a.example', auth: { scheme: query, parameter: key, ${secret} }`,
    null,
    'an API key in the query',
  ],
  [
    `url: 'https://a.example', auth: { scheme: query, ${secret} }`,
    'SB111 `parameter` is missing: `scheme: query` needs it',
    'which parameter',
  ],
  [
    `url: 'https://a.example', auth: { scheme: oauth2, token_url: 'https://a.example/t', client_id: c, ${secret}, scope: a b }`,
    null,
    'client credentials',
  ],
  [
    `url: 'https://a.example', auth: { scheme: oauth2, client_id: c, ${secret} }`,
    'SB111 `token_url` is missing: `scheme: oauth2` needs it',
    'where to',
  ],
  [
    `url: 'https://a.example', auth: { scheme: bearer, scope: a, ${secret} }`,
    'SB116 `scope` has no meaning with `scheme: bearer`',
    'of another scheme',
  ],
  [
    `url: 'https://a.example', auth: { scheme: url, ${secret} }`,
    'SB116 `scheme: url` has no meaning with `connector: http`',
    'an API has an address',
  ],
  [`connector: slack, auth: { scheme: bearer, ${secret} }`, null, 'its address is known'],
  [
    'connector: slack',
    'SB111 `auth` is missing: `connector: slack` needs it',
    'nobody posts without a token',
  ],
  [`connector: slack-webhook, auth: { scheme: url, ${secret} }`, null, 'the address is the secret'],
  [`connector: webhook, auth: { scheme: url, ${secret} }`, null, 'the same'],
  [
    `connector: slack-webhook, url: 'https://a.example', auth: { scheme: url, ${secret} }`,
    'SB116 the address stands here and is the secret too',
    'one of them is wrong',
  ],
  [`connector: email, url: 'smtps://mail.example.com', from: a@example.com`, null, 'a mail server'],
  [
    `connector: email, url: 'https://mail.example.com', from: a@example.com`,
    'SB113 `connector: email` is not reached by such an address',
    'mail is not HTTP',
  ],
  [
    `connector: email, url: 'smtps://mail.example.com'`,
    'SB111 `from` is missing: `connector: email` needs it',
    'who sends it',
  ],
  [`connector: postgresql, auth: { scheme: url, ${secret} }`, null, 'a database'],
  [
    `connector: postgresql, openapi: more.openapi.json, auth: { scheme: url, ${secret} }`,
    'SB116 `openapi` has no meaning with `connector: postgresql`',
    'it has no document',
  ],
  ['openapi: more.openapi.json', null, 'its document names its server'],
  ['idempotency_header: X-Key', 'SB111 `url` is missing', 'nothing says where it is'],
  [
    `url: 'https://a.example', timeouts: { headers: 11m }`,
    'SB113 no part of an attempt may take longer than 10m',
    'the bound',
  ],
  [`url: 'https://a.example', timeouts: { headers: 10m }, ca: { file: ca.pem }`, null, 'at the bound'],
];

test.each(rows)('%s: %s (%s)', (destination, finding) => {
  expect(findings(destination, server)).toEqual(finding === null ? [] : [finding]);
});
