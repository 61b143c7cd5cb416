import { serverOf } from '../contract/openapi-server.ts';
import { limits } from '../limits.ts';
import { durationAt } from './compile-parts.ts';
import { secretAt } from './compile-verify.ts';
import type { Documents } from './documents.ts';
import { misfit, reportAbsent, reportMisfits } from './misfit.ts';
import { isMapping, type Place } from './place.ts';
import { type ConnectorName, connectorNames, type Destination } from './project.ts';

type Auth = Destination['auth'];
type Scheme = Auth['scheme'];

const authKeys: Readonly<
  Record<Scheme, { readonly needs: readonly string[]; readonly takes?: readonly string[] }>
> = {
  none: { needs: [] },
  bearer: { needs: ['secret'] },
  basic: { needs: ['username', 'secret'] },
  header: { needs: ['header', 'secret'] },
  query: { needs: ['parameter', 'secret'] },
  oauth2: { needs: ['token_url', 'client_id', 'secret'], takes: ['scope', 'audience', 'client_auth'] },
  signed: { needs: ['secret'] },
  url: { needs: ['secret'] },
};
const allKeys = Object.values(authKeys).flatMap(({ needs, takes = [] }) => [...needs, ...takes]);

/** What each connector proves itself with, and whether its address stands in the file. */
const connectors: Readonly<
  Record<
    ConnectorName,
    { readonly auth: readonly Scheme[]; readonly url: 'http' | 'smtp' | 'default' | 'secret' }
  >
> = {
  http: { auth: ['none', 'bearer', 'basic', 'header', 'query', 'oauth2', 'signed'], url: 'http' },
  webhook: { auth: ['none', 'bearer', 'basic', 'header', 'query', 'oauth2', 'signed', 'url'], url: 'http' },
  slack: { auth: ['bearer'], url: 'default' },
  'slack-webhook': { auth: ['url'], url: 'secret' },
  email: { auth: ['none', 'basic'], url: 'smtp' },
  postgresql: { auth: ['url'], url: 'secret' },
};

const slackUrl = 'https://slack.com/api';

export function connectorAt(place: Place): ConnectorName {
  return connectorNames.find((name) => name === place.get('connector').value) ?? 'http';
}

/** The `auth:` section, held against what the connector can do with it. */
export function compileAuth(place: Place, destination: Place): Auth {
  const connector = connectorAt(destination);
  const { auth: allowed } = connectors[connector];
  const scheme = (Object.keys(authKeys) as Scheme[]).find((name) => name === place.get('scheme').value);
  if (scheme === undefined) {
    if (!allowed.includes('none')) reportNoAuth(destination, connector);
    return { scheme: 'none' };
  }
  if (!allowed.includes(scheme)) {
    const help = `\`connector: ${connector}\` takes ${allowed.map((each) => `\`${each}\``).join(', ')}`;
    misfit(
      place.get('scheme'),
      `\`scheme: ${scheme}\` has no meaning with \`connector: ${connector}\``,
      help,
      'value',
    );
  }
  const { needs, takes = [] } = authKeys[scheme];
  reportMisfits(place, scheme, [...needs, ...takes], allKeys);
  for (const key of needs) reportAbsent(place, key, scheme, said[key] ?? `the ${key} it sends`);
  return authOf(scheme, place);
}

const said: Readonly<Record<string, string>> = {
  token_url: 'the address where tokens are fetched',
  client_id: 'the name under which Signalbox is known there',
  parameter: 'the query parameter that carries the secret',
};

function authOf(scheme: Scheme, place: Place): Auth {
  if (scheme === 'none') return { scheme };
  const secret = secretAt(place.get('secret'));
  switch (scheme) {
    case 'basic':
      return { scheme, username: place.get('username').text(), secret };
    case 'header':
      return { scheme, header: place.get('header').text().toLowerCase(), secret };
    case 'query':
      return { scheme, parameter: place.get('parameter').text(), secret };
    case 'oauth2':
      return {
        scheme,
        secret,
        tokenUrl: place.get('token_url').text(),
        clientId: place.get('client_id').text(),
        scope: place.get('scope').text() || null,
        audience: place.get('audience').text() || null,
        clientAuth: place.get('client_auth').value === 'body' ? 'body' : 'basic',
      };
    default:
      return { scheme, secret };
  }
}

function reportNoAuth(place: Place, connector: ConnectorName): void {
  const [scheme] = connectors[connector].auth;
  place.report({
    code: 'SB111',
    message: `\`auth\` is missing: \`connector: ${connector}\` needs it`,
    help: `add \`auth: { scheme: ${scheme}, secret: { env: … } }\`${scheme === 'url' ? ', whose value is the whole address' : ''}`,
    at: 'key',
  });
}

/** The base address: as it is written, as the document names it, or '' where it is the secret. `document`: its path. */
export function urlAt(place: Place, auth: Auth, document: string | null, documents: Documents): string {
  const connector = connectorAt(place);
  const { url: kind } = connectors[connector];
  const at = place.get('url');
  const written = at.text().replace(/\/+$/, '');
  if (kind === 'secret' || (auth.scheme === 'url' && connectors[connector].auth.includes('url'))) {
    if (written !== '')
      misfit(
        at,
        'the address stands here and is the secret too',
        'leave `url` out: with `scheme: url` the secret is the whole address',
      );
    return '';
  }
  if (written === '') {
    const found = kind === 'default' ? slackUrl : documentServer(document, documents);
    if (found === null && isMapping(place.value)) reportNoUrl(place, connector, document);
    return found ?? '';
  }
  if (/^smtps?:/.test(written) !== (kind === 'smtp')) {
    const help =
      kind === 'smtp'
        ? 'write `smtps://mail.example.com` or, with STARTTLS, `smtp://mail.example.com:587`'
        : 'write `https://…`';
    at.report({
      code: 'SB113',
      message: `\`connector: ${connector}\` is not reached by such an address`,
      help,
    });
  }
  return written;
}

function documentServer(path: string | null, documents: Documents): string | null {
  const document = path === null ? null : documents.read(path);
  return document === null || 'problem' in document ? null : serverOf(document.value);
}

function reportNoUrl(place: Place, connector: ConnectorName, document: string | null): void {
  place.report({
    code: 'SB111',
    message:
      document === null
        ? '`url` is missing'
        : '`url` is missing, and its document names no server that stands by itself',
    help:
      connector === 'email'
        ? 'add `url`: its mail server, `smtps://mail.example.com`'
        : 'add `url`: its base address',
    at: 'key',
  });
}

/** Keys that only some connectors have a use for. */
export function reportConnectorMisfits(place: Place): void {
  const connector = connectorAt(place);
  const only: readonly (readonly [key: string, of: readonly ConnectorName[]])[] = [
    ['openapi', ['http']],
    ['from', ['email']],
    ['idempotency_header', ['http', 'webhook']],
  ];
  for (const [key, of] of only) {
    if (place.get(key).value === undefined || of.includes(connector)) continue;
    misfit(place.get(key), `\`${key}\` has no meaning with \`connector: ${connector}\``, 'leave it out');
  }
  if (connector === 'email' && isMapping(place.value) && place.get('from').value === undefined) {
    place.report({
      code: 'SB111',
      message: '`from` is missing: `connector: email` needs it',
      help: 'add `from`: the address that its mail comes from',
      at: 'key',
    });
  }
}

export function timeoutsAt(place: Place): Destination['timeouts'] {
  const at = (key: string, absentMs: number) => {
    const ms = durationAt(place.get(key), absentMs);
    if (ms > limits.attemptTimeoutMaxMs) {
      place.get(key).report({
        code: 'SB113',
        message: 'no part of an attempt may take longer than 10m',
        help: 'what takes longer is confirmed by its outcome: let the destination answer at once and read it back',
      });
    }
    return ms;
  };
  return {
    connectMs: at('connect', limits.connectTimeoutMs),
    headersMs: at('headers', limits.headersWaitMs),
    bodyMs: at('body', limits.bodyWaitMs),
  };
}
