import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeKey } from '../../src/account/admin/worker.ts';
import { rules } from '../../src/api/rights.ts';
import type { Role } from '../../src/db/schema-accounts.ts';
import type { Person } from '../../src/workflow/project.ts';
import { type ApiServer, apiServer, key, stopped } from './api-server.ts';

/**
 * The table of docs/reference/rights.md: every route of /openapi.json asked by everybody, over HTTP. What the server answers
 * is what stands there; `npx vitest run test/api/rights.test.ts -u` writes it anew. A route without a rule does not start.
 */

let server: ApiServer;
let operations: { id: string; method: string; path: string; summary: string }[];
beforeAll(async () => {
  server = await apiServer();
  const { body } = await server.ask('/openapi.json');
  operations = Object.entries(
    body.paths as Record<string, Record<string, { operationId: string; summary: string }>>,
  )
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, summary }]) => ({
        id: operationId,
        method: method.toUpperCase(),
        path,
        summary,
      })),
    )
    .filter(({ path }) => path.startsWith('/api/'));
});
afterAll(async () => await server.close());

test('every rule is of a route, and every route has one', () => {
  const open = ['postTrigger', 'getLive', 'getReady'];
  expect(Object.keys(rules).sort()).toEqual([...open, ...operations.map(({ id }) => id)].sort());
});

test('a route without a rule is refused at start', async () => {
  const { requireRules } = await import('../../src/api/right-check.ts');
  const { default: Fastify } = await import('fastify');
  const app = Fastify();
  requireRules(app);
  const handler = async () => '';
  expect(() => app.get('/new', { schema: { operationId: 'newThing' } as object }, handler)).toThrow(
    /no rule/,
  );
  expect(() => app.get('/newer', handler)).toThrow(/no rule/);
});

const callers: [column: string, person: string, roles: Role[]][] = [
  ['viewer', 'viewer', ['viewer']],
  ['operator', 'operator', ['operator']],
  ['owner', 'stranger', ['owner']],
  ['owner of it', 'omar', ['owner']],
  ['approver', 'approver', ['approver']],
  ['administrator', 'dana', ['administrator']],
];

test('route by role is as docs/reference/rights.md says', async () => {
  const { shell } = server;
  const people = shell.project().people as Map<string, Person>;
  for (const person of ['viewer', 'operator', 'stranger', 'approver']) {
    people.set(person, { key: person, name: person, email: null, away: [] });
  }
  const ticket = await server.place(stopped('rights'));
  const sessions = new Map<string, Awaited<ReturnType<ApiServer['signedIn']>>>();
  for (const [column, person, roles] of callers) sessions.set(column, await server.signedIn(person, roles));
  const expiresAt = new Date(shell.clock.now().getTime() + 86_400_000);
  const readKey = await makeKey(shell, 'dana', { name: 'read', scopes: ['read'], expiresAt }, 'local');
  const bearer = (text: string) => ({ authorization: `Bearer ${text}`, cookie: null, origin: null });

  const lines: string[] = [];
  for (const { id, method, path, summary } of operations) {
    const url = path
      .replace('{ticketId}', ticket)
      .replace('{name}', 'leads')
      .replace('{person}', 'nobody')
      .replace(path.startsWith('/api/tickets') ? '{id}' : '{}', ticket)
      .replace(/{(id|key)}/g, '999999')
      .replace(/{\w+}/g, '1');
    const ask = async (headers: Record<string, string | null>, browser = server.browser()) =>
      mark(await statusOf(browser, method, url, headers));
    const cells = [await ask({})];
    for (const [column, person, roles] of callers) {
      // Signing out ends the session that asked.
      const browser = id === 'signOut' ? await server.signedIn(person, roles) : sessions.get(column);
      cells.push(await ask({}, browser));
    }
    cells.push(await ask(bearer(readKey.text)), await ask(bearer(key)));
    lines.push(`| \`${method} ${path}\` | ${summary.replaceAll('|', '\\|')} | ${cells.join(' | ')} |`);
  }
  const head = ['route', 'what', 'nobody', ...callers.map(([column]) => column), 'key: `read`', 'local key'];
  const page = [
    '# Rights: route by role',
    '',
    'Written by `test/api/rights.test.ts`, which asks every route of `/openapi.json` as everybody. The rules stand in `src/api/rights.ts`.',
    '',
    '- `✔`: may. `403`: is signed in and may not. `401`: has to sign in.',
    '- *owner of it*: the role `owner`, for tickets of workflows (and exceptions) whose owner or alternate they or their teams are.',
    '- *key: `read`*: an API key of an administrator with the scope `read`: a key can do what its scopes and the roles of its person both allow.',
    '- *local key*: the one in `.signalbox/server.json`, on the machine of the server alone.',
    '- What a contract hides of a payload is shown to who may `work` on the ticket; everybody else who may read gets `[hidden]` in its place: docs/decisions/hidden-values.md.',
    '- Deciding an approval needs the right **and** to be the person, or in the team, that it waits for; claiming an exception needs a person.',
    '',
    `| ${head.join(' | ')} |`,
    `| ${head.map(() => '---').join(' | ')} |`,
    ...lines.sort(),
    '',
  ];
  await expect(page.join('\n')).toMatchFileSnapshot('../../docs/reference/rights.md');
});

function mark(status: number): string {
  return status === 401 || status === 403 ? String(status) : '✔';
}

/** A body that no route takes: what may be done is not done. Of a stream the head is enough. */
async function statusOf(
  browser: ReturnType<ApiServer['browser']>,
  method: string,
  url: string,
  headers: Record<string, string | null>,
): Promise<number> {
  if (url === '/api/stream') {
    const given = Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== null);
    const cookie = browser.token() === '' || 'authorization' in headers ? {} : { cookie: browser.cookie() };
    const stop = new AbortController();
    const { status } = await fetch(server.url + url, {
      headers: { ...Object.fromEntries(given), ...cookie },
      signal: stop.signal,
    });
    stop.abort();
    return status;
  }
  const { status, body } = await browser.send(method, url, method === 'POST' ? [] : undefined, headers);
  // Routes that prove it themselves say 401 of what is shown to them; a body that is no object never gets there.
  expect(status, `${method} ${url} ${JSON.stringify(body)}`).not.toBe(500);
  return status;
}
