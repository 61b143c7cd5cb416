import type { IncomingMessage } from 'node:http';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { problems } from '../../api/wire.ts';
import { AppError, type ErrorCode } from '../../errors.ts';
import type { HandoffShell } from '../../handoff/worker.ts';
import { readBody } from '../../intake/body/http.ts';
import { keptHeaders } from '../../intake/headers.ts';
import { meantBody } from '../../intake/http.ts';
import { answersHandshake, authenticate, type Sent, sentRequest } from '../../intake/proof/http.ts';
import { admit, countStranger } from '../../intake/rates/http.ts';
import { limits } from '../../limits.ts';
import { isSender, type Sender } from '../../workflow/project.ts';
import { callbackOf } from '../link.ts';
import { type Received, takeLinkCallback, takeSourceCallback } from './worker.ts';

/**
 * POST /in/outcome/{to}: a target says what became of a handoff. `to` is the token that stood in the request to it, or the
 * key of a source, whose proof the callback then carries. It is answered when what it says is committed: 202 for what is
 * new, 200 for what has been said before or came after the handoff was settled (an entry says so).
 * Nothing is kept of 400, 401, 404, 413, 422, 429 and 503.
 */
export const callbackRoutes: FastifyPluginAsync<{ readonly shell: HandoffShell }> = async (
  app,
  { shell },
) => {
  const sourceOf = (request: FastifyRequest): Sender | undefined => {
    const source = shell.project().sources.get(toOf(request));
    return isSender(source) ? source : undefined;
  };

  /** Whoever calls by an address that nobody was given. */
  const stranger = { ...noSource };

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, stream: IncomingMessage) =>
    readBody(stream, sourceOf(request)?.bodyBytesMax ?? limits.bodyBytesMax),
  );

  app.post('/in/outcome/*', { schema }, async (request, reply) => {
    const source = sourceOf(request);
    const body = bodyOf(request);
    if (source === undefined) {
      if (!toOf(request).includes('.')) throw unknownSource;
      const key = callbackOf(shell.links.keys(), toOf(request));
      if (key === null) throw refusedTo(stranger, shell, request);
      const said = await saidBy(null, sentRequest(request, asCalled(noSource), body), noSource, []);
      return answer(reply, [await takeLinkCallback(shell, key, said)]);
    }
    const sent = sentRequest(request, asCalled(source), body);
    if (await answersHandshake(shell, source, sent, request, reply)) return reply;
    const secretHeaders = await authenticate(shell, source, sent, request);
    admit(source, reply, shell.clock.now());
    const said = await saidBy(source.key, sent, source, secretHeaders);
    return answer(reply, await takeSourceCallback(shell, said));
  });

  // A source may ask who we are before it calls.
  app.get('/in/outcome/*', { schema: { hide: true } }, async (request, reply) => {
    const source = sourceOf(request);
    const sent = source && sentRequest(request, asCalled(source), Buffer.alloc(0));
    if (source && sent && (await answersHandshake(shell, source, sent, request, reply))) return reply;
    throw new AppError('not_found', 'Callbacks come by POST.');
  });

  app.setErrorHandler((error, _request, reply) => {
    const later: readonly ErrorCode[] = ['unavailable', 'too_many_requests'];
    if (error instanceof AppError && later.includes(error.code) && !reply.hasHeader('retry-after')) {
      reply.header('retry-after', error.details?.retry_after_seconds ?? limits.retryAfterSeconds);
    }
    throw error;
  });
};

const schema = {
  operationId: 'postCallback',
  summary: 'Takes what a target says of a handoff; the answer comes after the commit that holds it',
  tags: ['intake'],
  security: [],
  params: Type.Object({
    '*': Type.String({ description: 'the token of `outcome.url`, or the key of a source' }),
  }),
  response: {
    '2xx': Type.Object(
      {
        handoffs: Type.Array(
          Type.Object({
            ticket: Type.String(),
            handoff: Type.String(),
            becomes: Type.Enum(['confirmed', 'contradicted', 'pending', 'kept', 'late']),
            repeated: Type.Boolean(),
          }),
        ),
      },
      { description: 'the handoffs that it was about; none: nobody waits for its key yet, and it is kept' },
    ),
    ...problems(400, 401, 404, 413, 415, 422, 429, 503),
  },
};

const unknownSource = new AppError('not_found', 'There is no such source.', {
  help: 'POST to /in/outcome/ and the key of a source, or to the address that stood in the request.',
});

function toOf({ params }: FastifyRequest): string {
  return (params as { readonly '*': string })['*'];
}

/** Its own address, where the source has none that is written out: `/in/crm` is `/in/outcome/crm` here. */
function asCalled(source: Sender): Sender {
  return { ...source, publicUrl: source.publicUrl?.replace(/\/in\/([^/]+)$/, '/in/outcome/$1') ?? null };
}

/** Who calls by a link signs nothing: only headers are taken from the request. */
const noSource: Sender = {
  key: '',
  summary: '',
  owner: 'team:',
  verify: { scheme: 'none' },
  publicUrl: null,
  challenge: null,
  poll: null,
  reconcile: null,
  contentType: null,
  bodyBytesMax: limits.bodyBytesMax,
  rateLimit: null,
  requiresIdempotencyKey: false,
};

function bodyOf({ body }: FastifyRequest): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  // The parser gives null for a body that was too large.
  if (Buffer.isBuffer(body)) return body;
  throw new AppError('too_large', 'The callback is larger than it may be.', { help: 'Send less of it.' });
}

async function saidBy<S extends string | null>(
  key: S,
  sent: Sent,
  source: Sender,
  secretHeaders: readonly string[],
) {
  const { contentType, headers, body } = await meantBody(sent, source);
  return { source: key, contentType, headers: keptHeaders(headers, secretHeaders), body };
}

/** Neither token nor address is told: the log is no place for either. */
function refusedTo(stranger: Sender, { log, clock }: HandoffShell, request: FastifyRequest): AppError {
  countStranger(stranger, clock.now());
  log.warn({ from: request.ip, request: request.id }, 'a callback by an address that nobody was given');
  return new AppError('unauthenticated', 'This address was handed out to nobody.', {
    help: 'A callback goes to the address that stood in the request, to its last character.',
  });
}

function answer(reply: FastifyReply, received: readonly Received[]) {
  const isNew = ({ becomes, repeated }: Received) => !repeated && becomes !== 'late';
  return reply.code(received.length === 0 || received.some(isNew) ? 202 : 200).send({
    handoffs: received.map(({ ticketId, ...rest }) => ({ ticket: ticketId, ...rest })),
  });
}
