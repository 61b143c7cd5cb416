import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { signInByOidc, startOidc } from '../account/oidc/worker.ts';
import { signInByPasskey, startPasskeySignIn, takesPasskeys } from '../account/passkey/worker.ts';
import { deleteSessions } from '../account/session/store.ts';
import { refuseTooMany, signInByCode, signInByPassword } from '../account/sign-in/worker.ts';
import { anyAccount, insertAct } from '../account/store.ts';
import { type OpenedSession, type Origin, redeemLink } from '../account/worker.ts';
import { limits } from '../limits.ts';
import { dropCookie, setCookie, stepToken } from './cookie.ts';
import type { Routes } from './deps.ts';
import { closed, nullable, problems, Time, text } from './wire.ts';

const SignedIn = closed({
  state: Type.Literal('signed_in'),
  person: Type.String({ description: 'key of the person' }),
  expires_at: Time,
});

const SecondStep = closed({
  state: Type.Literal('second_step'),
  step: Type.String({ description: 'hand it in with the code, within 10 minutes' }),
});
const Step = text(200);
/** What the browser made, as the WebAuthn API serialises it. */
const Credential = Type.Record(Type.String(), Type.Unknown(), {
  description: 'PublicKeyCredential.toJSON()',
});
const Options = Type.Record(Type.String(), Type.Unknown(), {
  description: 'for PublicKeyCredential.parse…OptionsFromJSON()',
});

/** /api/sign-in…: how people prove who they are. A session is a cookie that scripts do not see. */
export const signInRoutes: Routes = async (app, { deps }) => {
  const { shell, people } = deps;

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
    async (request) => {
      const { name, signIn } = shell.project();
      return {
        project: name,
        first: !(await anyAccount(shell.db)),
        password: true,
        passkey: takesPasskeys(request.headers.host ?? ''),
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
    '/sign-in',
    {
      schema: {
        operationId: 'signIn',
        summary: 'Signs in by name and password; with one-time codes there is a second step',
        description: 'The name is an e-mail address of signalbox.yaml, or the key of a person there.',
        tags: ['people'],
        security: [],
        body: closed({ name: text(320), password: text(1_000) }),
        response: {
          200: Type.Union([SignedIn, SecondStep]),
          ...problems(400, 401, 403, 415, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { name, password } = request.body;
      const done = await signInByPassword(people, name, password, originOf(request));
      if ('step' in done) return { state: 'second_step' as const, step: done.step };
      return signedIn(request, reply, done.session);
    },
  );

  app.post(
    '/sign-in/code',
    {
      schema: {
        operationId: 'signInByCode',
        summary: 'The second step: a one-time code, or a backup code',
        tags: ['people'],
        security: [],
        body: closed({ step: Step, code: text(40) }),
        response: { 200: SignedIn, ...problems(400, 401, 403, 415, 429, 500, 503) },
      },
    },
    async (request, reply) => {
      const { step, code } = request.body;
      return signedIn(request, reply, await signInByCode(people, step, code, originOf(request)));
    },
  );

  app.post(
    '/sign-in/passkey/start',
    {
      schema: {
        operationId: 'startPasskeySignIn',
        summary: 'What the browser is asked, to sign in by a passkey',
        tags: ['people'],
        security: [],
        body: closed({}),
        response: {
          200: closed({ step: Type.String(), options: Options }),
          ...problems(400, 403, 415, 422, 429, 500),
        },
      },
    },
    async (request) => {
      refuseTooMany(people, originOf(request));
      const { step, options } = await startPasskeySignIn(shell, pageOf(request));
      return { step, options: { ...options } };
    },
  );

  app.post(
    '/sign-in/passkey',
    {
      schema: {
        operationId: 'signInByPasskey',
        summary: 'Signs in by a passkey',
        tags: ['people'],
        security: [],
        body: closed({ step: Step, response: Credential }),
        response: { 200: SignedIn, ...problems(400, 401, 403, 415, 422, 500) },
      },
    },
    async (request, reply) =>
      signedIn(
        request,
        reply,
        await signInByPasskey(shell, request.body, pageOf(request), originOf(request)),
      ),
  );

  app.post(
    '/sign-in/oidc/start',
    {
      schema: {
        operationId: 'startOidcSignIn',
        summary: 'Where the browser goes for single sign-on; it comes back to /sign-in with a query',
        tags: ['people'],
        security: [],
        body: closed({}),
        response: {
          200: closed({ location: Type.String() }),
          ...problems(400, 403, 404, 415, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      refuseTooMany(people, originOf(request));
      const url = shell.project().signIn.url ?? `${request.protocol}://${request.headers.host}`;
      const { step, location } = await startOidc(shell, url);
      setCookie(request, reply, 'step', step, limits.signInStepMs / 1_000);
      return { location };
    },
  );

  app.post(
    '/sign-in/oidc',
    {
      schema: {
        operationId: 'signInByOidc',
        summary: 'Signs in with what the provider sent back: the query of /sign-in, as it is',
        tags: ['people'],
        security: [],
        body: closed({ query: text(8_000) }),
        response: { 200: SignedIn, ...problems(400, 401, 403, 404, 415, 500, 503) },
      },
    },
    async (request, reply) => {
      const shown = { step: stepToken(request) ?? '', query: request.body.query };
      const session = await signInByOidc(shell, shown, originOf(request));
      dropCookie(request, reply, 'step');
      return signedIn(request, reply, session);
    },
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
function signedIn(request: FastifyRequest, reply: FastifyReply, session: OpenedSession) {
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

/** The page that a request comes from, which refuseForeign has found to be our own. */
export function pageOf(request: FastifyRequest): { readonly origin: string } {
  return { origin: request.headers.origin ?? '' };
}

const sessionSeconds = limits.sessionMs / 1_000;
