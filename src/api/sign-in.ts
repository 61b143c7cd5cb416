import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { deleteSessions } from '../account/session/store.ts';
import { anyAccount, insertAct } from '../account/store.ts';
import { type OpenedSession, type Origin, redeemLink } from '../account/worker.ts';
import { limits } from '../limits.ts';
import { dropCookie, setCookie } from './cookie.ts';
import type { Routes } from './deps.ts';
import { closed, nullable, problems, Time, text } from './wire.ts';

export const SignedIn = closed({
  state: Type.Literal('signed_in'),
  person: Type.String({ description: 'key of the person' }),
  expires_at: Time,
});

/** /api/sign-in…: how people prove who they are. A session is a cookie that scripts do not see. */
export const signInRoutes: Routes = async (app, { deps }) => {
  const { shell } = deps;

  app.get(
    '/sign-in',
    {
      schema: {
        operationId: 'getSignIn',
        summary: 'The ways to sign in to this server',
        tags: ['people'],
        security: [],
        response: {
          200: closed({
            project: Type.String(),
            first: Type.Boolean({ description: 'nobody has an account yet: the server has printed a link' }),
            password: Type.Boolean(),
            passkey: Type.Boolean(),
            oidc: nullable(closed({ name: Type.String() })),
          }),
          ...problems(403, 500),
        },
      },
    },
    async () => {
      const { name, signIn } = shell.project();
      return {
        project: name,
        first: !(await anyAccount(shell.db)),
        password: true,
        passkey: true,
        oidc: signIn.oidc === null ? null : { name: signIn.oidc.name },
      };
    },
  );

  app.post(
    '/sign-in/link',
    {
      schema: {
        operationId: 'signInByLink',
        summary: 'Signs in by a link, once; the first time it makes the account',
        description: 'The link of the console is `/sign-in#link=<link>`.',
        tags: ['people'],
        security: [],
        body: closed({ link: text(200) }),
        response: { 200: SignedIn, ...problems(400, 401, 403, 404, 415, 429, 500) },
      },
    },
    async (request, reply) =>
      signedIn(request, reply, await redeemLink(shell, request.body.link, originOf(request))),
  );

  app.post(
    '/sign-out',
    {
      schema: {
        operationId: 'signOut',
        summary: 'Ends this session',
        tags: ['people'],
        response: { 200: closed({ signed_out: Type.Literal(true) }), ...problems(401, 403, 500) },
      },
    },
    async (request, reply) => {
      const session = request.caller?.session;
      if (session != null) {
        const { person, id } = session;
        await deleteSessions(shell.db, person, { id });
        const actor = `person:${person}`;
        await insertAct(shell.db, {
          at: shell.clock.now(),
          actor,
          person,
          act: 'signed_out',
          detail: { session: id },
        });
      }
      dropCookie(request, reply, 'session');
      return { signed_out: true } as const;
    },
  );
};

/** Gives a session to the browser that has proved whose it is. */
export function signedIn(request: FastifyRequest, reply: FastifyReply, session: OpenedSession) {
  // The browser keeps it as long as it can live at most; when it ends is the server's to say.
  setCookie(request, reply, 'session', session.token, sessionSeconds);
  return {
    state: 'signed_in' as const,
    person: session.person,
    expires_at: session.expiresAt.toISOString(),
  };
}

export function originOf(request: FastifyRequest): Origin {
  return { address: request.ip, agent: request.headers['user-agent'] ?? '' };
}

const sessionSeconds = limits.sessionMs / 1_000;
