import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { endKey, makeKey } from '../account/admin/worker.ts';
import { type KeyRow, listKeys } from '../account/key/store.ts';
import { listPasskeys } from '../account/passkey/store.ts';
import { addPasskey, removePasskey, startPasskey } from '../account/passkey/worker.ts';
import {
  confirmTotp,
  removeTotp,
  renewBackupCodes,
  requireCode,
  startTotp,
} from '../account/second-step/worker.ts';
import { deleteSessions, listSessions } from '../account/session/store.ts';
import { changePassword, refuseTooSoon } from '../account/sign-in/worker.ts';
import { type AccountRow, findAccount, insertAct } from '../account/store.ts';
import { AppError } from '../errors.ts';
import type { Routes } from './deps.ts';
import { rights } from './rights.ts';
import { originOf, pageOf } from './sign-in.ts';
import { closed, nullable, problems, shown, Time, text } from './wire.ts';

const SessionItem = closed({
  id: Type.Integer(),
  proof: Type.String({ description: 'link, password, password+totp, password+backup_code, passkey, oidc' }),
  address: Type.String(),
  agent: Type.String({ description: 'what the browser calls itself' }),
  created_at: Time,
  seen_at: Time,
  expires_at: Time,
  current: Type.Boolean(),
});
export const Key = closed({
  id: Type.Integer(),
  name: Type.String(),
  hint: Type.String({ description: 'how it begins' }),
  scopes: Type.Array(Type.String()),
  created_at: Time,
  expires_at: Time,
  used_at: nullable(Time),
  revoked_at: nullable(Time),
});
/** What a new key is asked for with, whoever it is for. */
export const KeyOrder = closed({
  name: text(100),
  scopes: Type.Array(Type.Enum([...rights]), { minItems: 1, maxItems: rights.length, uniqueItems: true }),
  expires_at: Time,
});
export const MadeKey = closed({ key: Type.String(), about: Key });
const Done = closed({ done: Type.Literal(true) });
const done = { done: true } as const;
const Code = text(40);
const Codes = closed({
  backup_codes: Type.Array(Type.String(), { description: 'each good once; shown this once' }),
});
const Id = closed({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
const Credential = Type.Record(Type.String(), Type.Unknown(), {
  description: 'PublicKeyCredential.toJSON()',
});

export function shownKey(row: KeyRow) {
  return shown(Key, row);
}

/** /api/me/…: what people do to their own account. It takes a session; keys do not reach it. */
export const accountRoutes: Routes = async (app, { deps }) => {
  const { shell, people } = deps;
  const tags = ['people'];
  const answers = problems(400, 401, 403, 404, 409, 415, 422, 429, 500, 503);
  const route = (operationId: string, summary: string) => ({ operationId, summary, tags });

  app.post(
    '/me/password',
    {
      schema: {
        ...route('setPassword', 'Sets the password; all other sessions end'),
        body: closed({ current: Type.Optional(text(1_000, 0)), password: text(1_000) }),
        response: { 200: Done, ...answers },
      },
    },
    async (request) => {
      const { person, session } = who(request);
      const { current = '', password } = request.body;
      await changePassword(
        people,
        person,
        { current, next: password, session: session.id },
        originOf(request),
      );
      return done;
    },
  );

  app.post(
    '/me/totp/start',
    {
      schema: {
        ...route('startTotp', 'A secret for one-time codes; it counts once a code of it is shown'),
        body: closed({}),
        response: {
          200: closed({ secret: Type.String(), uri: Type.String({ description: 'for the app’s picture' }) }),
          ...answers,
        },
      },
    },
    async (request) => await startTotp(people, who(request).person),
  );

  app.post(
    '/me/totp',
    {
      schema: {
        ...route('confirmTotp', 'Puts one-time codes in force with a first code'),
        body: closed({ code: Code }),
        response: { 200: Codes, ...answers },
      },
    },
    async (request) => ({
      backup_codes: await guarded(request, ({ person }) => confirmTotp(people, person, request.body.code)),
    }),
  );

  app.post(
    '/me/totp/remove',
    {
      schema: {
        ...route('removeTotp', 'Takes one-time codes off, with a code of theirs'),
        body: closed({ code: Code }),
        response: { 200: Done, ...answers },
      },
    },
    async (request) => {
      await guarded(request, async (account) => {
        await requireCode(people, account, request.body.code);
        await removeTotp(shell, account.person, `person:${account.person}`);
      });
      return done;
    },
  );

  app.post(
    '/me/backup-codes',
    {
      schema: {
        ...route('renewBackupCodes', 'New backup codes, with a code; the old ones are good no more'),
        body: closed({ code: Code }),
        response: { 200: Codes, ...answers },
      },
    },
    async (request) => ({
      backup_codes: await guarded(request, (account) => renewBackupCodes(people, account, request.body.code)),
    }),
  );

  app.get(
    '/me/passkeys',
    {
      schema: {
        ...route('listPasskeys', 'Your passkeys'),
        response: {
          200: closed({
            passkeys: Type.Array(
              closed({ id: Type.String(), name: Type.String(), created_at: Time, used_at: nullable(Time) }),
            ),
          }),
          ...problems(401, 403, 500),
        },
      },
    },
    async (request) => ({
      passkeys: (await listPasskeys(shell.db, who(request).person)).map(
        ({ id, name, created_at, used_at }) => ({
          id,
          name,
          created_at: created_at.toISOString(),
          used_at: used_at?.toISOString() ?? null,
        }),
      ),
    }),
  );

  app.post(
    '/me/passkeys/start',
    {
      schema: {
        ...route('startPasskey', 'What the browser is asked, to make a passkey'),
        body: closed({}),
        response: {
          200: closed({ step: Type.String(), options: Type.Record(Type.String(), Type.Unknown()) }),
          ...answers,
        },
      },
    },
    async (request) => {
      const { step, options } = await startPasskey(shell, who(request).person, pageOf(request));
      return { step, options: { ...options } };
    },
  );

  app.post(
    '/me/passkeys',
    {
      schema: {
        ...route('addPasskey', 'Adds the passkey that the browser has made'),
        body: closed({ step: text(200), name: text(100), response: Credential }),
        response: { 200: Done, ...answers },
      },
    },
    async (request) => {
      await addPasskey(shell, who(request).person, request.body, pageOf(request));
      return done;
    },
  );

  app.delete(
    '/me/passkeys/:id',
    {
      schema: {
        ...route('removePasskey', 'Removes a passkey'),
        params: closed({ id: text(1_400) }),
        response: { 200: Done, ...answers },
      },
    },
    async (request) => {
      await removePasskey(shell, who(request).person, request.params.id);
      return done;
    },
  );

  app.get(
    '/me/sessions',
    {
      schema: {
        ...route('listSessions', 'Where you are signed in, the last used first'),
        response: { 200: closed({ sessions: Type.Array(SessionItem) }), ...problems(401, 403, 500) },
      },
    },
    async (request) => {
      const { person, session } = who(request);
      const rows = await listSessions(shell.db, person, shell.clock.now());
      return { sessions: rows.map((row) => shown(SessionItem, { ...row, current: row.id === session.id })) };
    },
  );

  app.delete(
    '/me/sessions/:id',
    {
      schema: {
        ...route('endSession', 'Signs out there'),
        params: Id,
        response: { 200: Done, ...answers },
      },
    },
    async (request) => {
      const { person } = who(request);
      const { id } = request.params;
      if ((await deleteSessions(shell.db, person, { id })) === 0) {
        throw new AppError('not_found', `You have no session ${id}.`);
      }
      const at = shell.clock.now();
      await insertAct(shell.db, {
        at,
        actor: `person:${person}`,
        person,
        act: 'session_ended',
        detail: { session: id },
      });
      return done;
    },
  );

  app.delete(
    '/me/sessions',
    {
      schema: {
        ...route('endOtherSessions', 'Signs out everywhere else'),
        response: { 200: closed({ ended: Type.Integer() }), ...problems(401, 403, 500) },
      },
    },
    async (request) => {
      const { person, session } = who(request);
      const ended = await deleteSessions(shell.db, person, { except: session.id });
      const at = shell.clock.now();
      await insertAct(shell.db, {
        at,
        actor: `person:${person}`,
        person,
        act: 'sessions_ended',
        detail: { ended },
      });
      return { ended };
    },
  );

  app.get(
    '/me/keys',
    {
      schema: {
        ...route('listKeys', 'Your API keys, newest first'),
        response: { 200: closed({ keys: Type.Array(Key) }), ...problems(401, 403, 500) },
      },
    },
    async (request) => ({ keys: (await listKeys(shell.db, who(request).person)).map(shownKey) }),
  );

  app.post(
    '/me/keys',
    {
      schema: {
        ...route('makeKey', 'Makes an API key; its text is shown this once'),
        description:
          'It can do what its scopes and your roles both allow, and ends at its time or with your account.',
        body: KeyOrder,
        response: { 200: MadeKey, ...answers },
      },
    },
    async (request) => {
      const { person } = who(request);
      const { name, scopes, expires_at } = request.body;
      const order = { name, scopes, expiresAt: new Date(expires_at) };
      const made = await makeKey(shell, person, order, `person:${person}`);
      return { key: made.text, about: shownKey(made.row) };
    },
  );

  app.delete(
    '/me/keys/:id',
    {
      schema: {
        ...route('revokeKey', 'Revokes an API key'),
        params: Id,
        response: { 200: Done, ...answers },
      },
    },
    async (request) => {
      const { person } = who(request);
      await endKey(shell, person, request.params.id, `person:${person}`);
      return done;
    },
  );

  /** Codes can be guessed from within a session as well: failures count as at sign-in. */
  async function guarded<T>(request: FastifyRequest, act: (account: AccountRow) => Promise<T>): Promise<T> {
    const { person } = who(request);
    const origin = originOf(request);
    const account = await findAccount(shell.db, person);
    if (account === null) throw new Error('a session has an account');
    refuseTooSoon(people, `code ${person}`, origin);
    people.throttle.failed(`code ${person}`, origin.address, shell.clock.now());
    const result = await act(account);
    people.throttle.succeeded(`code ${person}`, origin.address);
    return result;
  }
};

/** The person and session that the rule `own` has made sure of. */
function who({ caller }: FastifyRequest) {
  if (caller?.person == null || caller.session === null) throw new Error('the route takes a session');
  return { person: caller.person, session: caller.session };
}
