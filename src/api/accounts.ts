import { Type } from 'typebox';
import { changeAccount, endKey, makeKey, noAccount } from '../account/admin/worker.ts';
import { listKeys } from '../account/key/store.ts';
import { removeTotp } from '../account/second-step/worker.ts';
import { deleteSessions } from '../account/session/store.ts';
import { type AccountRow, findAccount, insertAct, listAccounts, listActs } from '../account/store.ts';
import { issueLink } from '../account/worker.ts';
import { Key, KeyOrder, MadeKey, shownKey } from './account.ts';
import type { Routes } from './deps.ts';
import { linkUrl } from './link-url.ts';
import { RoleName } from './me.ts';
import { actorOf } from './security.ts';
import { closed, Json, Next, nullable, paging, problems, shown, Time, text } from './wire.ts';

const Account = closed({
  person: Type.String({ description: 'key of the person' }),
  name: nullable(Type.String({ description: 'null: no longer in the project, and cannot sign in' })),
  roles: Type.Array(RoleName),
  password: Type.Boolean(),
  totp: Type.Boolean(),
  oidc: Type.Boolean(),
  created_at: Time,
  closed_at: nullable(Time),
});
const Act = closed({
  id: Type.Integer(),
  at: Time,
  actor: Type.String(),
  person: nullable(Type.String()),
  act: Type.String(),
  detail: Json,
});
const Roles = Type.Array(RoleName, { minItems: 1, maxItems: 5, uniqueItems: true });
const Who = closed({ person: text(200) });

/** /api/accounts…: who may sign in, and with what roles. */
export const accountsRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;
  const tags = ['people'];
  const answers = problems(400, 401, 403, 404, 409, 415, 422, 500);
  const shownAccount = (row: AccountRow) => ({
    person: row.person,
    name: shell.project().people.get(row.person)?.name ?? null,
    roles: row.roles,
    password: row.password !== null,
    totp: row.totp_confirmed_at !== null,
    oidc: row.oidc_subject !== null,
    created_at: row.created_at.toISOString(),
    closed_at: row.closed_at?.toISOString() ?? null,
  });

  app.get(
    '/accounts',
    {
      schema: {
        operationId: 'listAccounts',
        summary: 'Accounts, and people of the project who have none',
        tags,
        response: {
          200: closed({ accounts: Type.Array(Account), without: Type.Array(Type.String()) }),
          ...problems(401, 403, 500),
        },
      },
    },
    async () => {
      const rows = await listAccounts(shell.db);
      const known = new Set(rows.map(({ person }) => person));
      const without = [...shell.project().people.keys()].filter((person) => !known.has(person));
      return { accounts: rows.map(shownAccount), without };
    },
  );

  app.post(
    '/accounts/:person/link',
    {
      schema: {
        operationId: 'makeLink',
        summary:
          'A link that signs a person in, once, within 24 hours: an invitation, or for who is locked out',
        description:
          'It is shown this once, and takes back the one before. `roles` are those of a new account; default `viewer`.',
        tags,
        params: Who,
        body: closed({ roles: Type.Optional(Roles) }),
        response: {
          200: closed({
            url: Type.String(),
            expires_at: Time,
            account: Type.Boolean({ description: 'had one before' }),
          }),
          ...answers,
        },
      },
    },
    async (request) => {
      const { person } = request.params;
      const order = { roles: request.body.roles ?? ['viewer'], actor: actorOf(request, shell.project()) };
      const { token, expiresAt, account } = await issueLink(shell, person, order);
      const here = `${request.protocol}://${request.headers.host}`;
      return { url: linkUrl(shell.project(), here, token), expires_at: expiresAt.toISOString(), account };
    },
  );

  app.post(
    '/accounts/:person',
    {
      schema: {
        operationId: 'changeAccount',
        summary:
          'Changes roles, closes or opens an account, takes off a forgotten password or lost one-time codes',
        tags,
        params: Who,
        body: closed({
          roles: Type.Optional(Roles),
          closed: Type.Optional(Type.Boolean()),
          remove_password: Type.Optional(Type.Boolean()),
          remove_totp: Type.Optional(Type.Boolean()),
        }),
        response: { 200: Account, ...answers },
      },
    },
    async (request) => {
      const { person } = request.params;
      const { remove_password: removePassword, remove_totp, ...change } = request.body;
      const actor = actorOf(request, shell.project());
      await changeAccount(shell, person, { ...change, ...(removePassword && { removePassword }) }, actor);
      if (remove_totp === true) await removeTotp(shell, person, actor);
      return shownAccount(await accountOf(person));
    },
  );

  app.delete(
    '/accounts/:person/sessions',
    {
      schema: {
        operationId: 'endSessionsOf',
        summary: 'Signs a person out everywhere',
        tags,
        params: Who,
        response: { 200: closed({ ended: Type.Integer() }), ...answers },
      },
    },
    async (request) => {
      const { person } = request.params;
      await accountOf(person);
      const ended = await deleteSessions(shell.db, person, { except: null });
      const about = { at: shell.clock.now(), actor: actorOf(request, shell.project()), person };
      await insertAct(shell.db, { ...about, act: 'sessions_ended', detail: { ended } });
      return { ended };
    },
  );

  app.get(
    '/accounts/:person/keys',
    {
      schema: {
        operationId: 'listKeysOf',
        summary: 'API keys of a person, newest first',
        tags,
        params: Who,
        response: { 200: closed({ keys: Type.Array(Key) }), ...answers },
      },
    },
    async ({ params }) => {
      await accountOf(params.person);
      return { keys: (await listKeys(shell.db, params.person)).map(shownKey) };
    },
  );

  app.post(
    '/accounts/:person/keys',
    {
      schema: {
        operationId: 'makeKeyFor',
        summary: 'Makes an API key of a person; its text is shown this once',
        tags,
        params: Who,
        body: KeyOrder,
        response: { 200: MadeKey, ...answers },
      },
    },
    async (request) => {
      const { name, scopes, expires_at } = request.body;
      const order = { name, scopes, expiresAt: new Date(expires_at) };
      const actor = actorOf(request, shell.project());
      const made = await makeKey(shell, request.params.person, order, actor);
      return { key: made.text, about: shownKey(made.row) };
    },
  );

  app.delete(
    '/accounts/:person/keys/:id',
    {
      schema: {
        operationId: 'revokeKeyOf',
        summary: 'Revokes an API key of a person',
        tags,
        params: closed({
          ...Who.properties,
          id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
        }),
        response: { 200: closed({ done: Type.Literal(true) }), ...answers },
      },
    },
    async (request) => {
      const { person, id } = request.params;
      await endKey(shell, person, id, actorOf(request, shell.project()));
      return { done: true } as const;
    },
  );

  app.get(
    '/account-acts',
    {
      schema: {
        operationId: 'listAccountActs',
        summary: 'What was done to accounts, and who signed in, newest first',
        tags,
        querystring: closed({ person: Type.Optional(text(200)), ...paging }),
        response: { 200: closed({ acts: Type.Array(Act), next: Next }), ...problems(400, 401, 403, 500) },
      },
    },
    async ({ query }) => {
      const { limit = 50, after, person } = query;
      const filter = {
        ...(person !== undefined && { person }),
        ...(after !== undefined && /^\d{1,15}$/.test(after) && { after: Number(after) }),
      };
      const rows = await listActs(shell.db, filter, limit + 1);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        acts: page.map((row) => shown(Act, row)),
        next: rows.length > limit && last !== undefined ? String(last.id) : null,
      };
    },
  );

  async function accountOf(person: string): Promise<AccountRow> {
    const found = await findAccount(shell.db, person);
    if (found === null) throw noAccount(person);
    return found;
  }
};
