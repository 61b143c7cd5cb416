import { expect, test } from 'vitest';
import { changed } from '../../test/support/project-texts.ts';
import { loadProject } from './load.ts';

/** What `check` says of arguments that an operation demands. */

const rows: [parameter: string, auth: string, missing: string | null, reason: string][] = [
  ['name: tenant, in: header', 'scheme: bearer', '`tenant`', 'nobody else knows it'],
  ['name: Authorization, in: header', 'scheme: bearer', null, 'the credential goes there'],
  ['name: Accept, in: header', 'scheme: bearer', null, 'we say what we read'],
  ['name: Content-Type, in: header', 'scheme: bearer', null, 'and what we write'],
  ['name: x-api-key, in: header', 'scheme: header, header: X-Api-Key', null, 'a key in a header'],
  ['name: api_token, in: query', 'scheme: query, parameter: api_token', null, 'a key in the query'],
  ['name: api_token, in: query', 'scheme: bearer', '`api_token`', 'the key goes elsewhere'],
];

test.each(rows)('%s with %s: %s', (parameter, auth, missing, reason) => {
  const files = new Map([
    ...changed('signalbox.yaml', 'auth: { scheme: bearer,', `auth: { ${auth},`),
    ...[...changed('pm-tool.openapi.yaml', 'name: Idempotency-Key, in: header', parameter)].filter(
      ([name]) => name === 'pm-tool.openapi.yaml',
    ),
  ]);
  const said = loadProject(files).diagnostics.filter(({ code }) => code === 'SB124');
  expect(
    said.map(({ message }) => message),
    reason,
  ).toEqual(missing === null ? [] : [expect.stringContaining(missing)]);
});
