import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type {
  FastifyError,
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
} from 'fastify';
import { Type } from 'typebox';
import { deliveryAnswers } from '../api/delivery.ts';
import { problem } from '../api/problem.ts';
import { problems } from '../api/wire.ts';
import type { Trigger } from '../decision.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Shell } from '../shell.ts';
import { isSender, type Sender } from '../workflow/project.ts';
import { answerTo } from './answer.ts';
import { readBody } from './body/http.ts';
import { unpacked } from './encoding/http.ts';
import { encodedHeader, keptHeaders } from './headers.ts';
import { mediaOf, quoted } from './media.ts';
import { mediaProblem } from './payload.ts';
import { answersHandshake, authenticate, type Sent, sentRequest } from './proof/http.ts';
import { admit } from './rates/http.ts';
import { isDryRun } from './rehearsal/header.ts';
import type { Rehearsal } from './rehearsal/worker.ts';
import { isTokenBody } from './schemes.ts';
import type { Received } from './submitted.ts';

export interface IntakeOptions {
  readonly shell: Pick<Shell, 'clock' | 'db' | 'log' | 'project' | 'secrets'>;
  /** Resolves after the commit that holds the delivery (worker.ts). */
  readonly receive: (whole: Trigger) => Promise<Received>;
  /** Decides and stores nothing (rehearsal/worker.ts). */
  readonly rehearse: (whole: Trigger) => Promise<Rehearsal>;
}

/** What the server that `intakeRoutes` stand on is made with: bounds on what a slow or broken sender can hold. */
export const intakeServerOptions = {
  bodyLimit: limits.bodyBytesMax,
  requestTimeout: limits.requestTimeoutMs,
  http: {
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: limits.timeoutsCheckEveryMs,
  },
  clientErrorHandler: answerUnreadable,
  frameworkErrors: answerBadAddress,
};

/**
 * POST /in/{source}: takes a trigger and answers when it is committed.
 *
 * 202 with the ticket and its decision, 200 with the first ticket of a duplicate, 422 recorded and refused
 * (`on_invalid: reject`). Nothing is accepted by 401, 404, 413, 415, 429 and 503. The root instance has `problemHandlers`.
 */
export const intakeRoutes: FastifyPluginAsync<IntakeOptions> = async (app, { shell, receive, rehearse }) => {
  const sourceOf = ({ params }: FastifyRequest) => {
    const source = shell.project().sources.get((params as Params).source);
    return isSender(source) ? source : undefined;
  };

  app.server.maxConnections = limits.senderConnectionsMax;
  // Node looks at no slow request any more once it closes: one that trickles in would hold up the stop for ever.
  app.addHook('preClose', async () => {
    setTimeout(() => app.server.closeAllConnections(), limits.stopAnswersMs).unref();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, stream: IncomingMessage) =>
    readBody(stream, sourceOf(request)?.bodyBytesMax ?? 0),
  );

  // Two shapes of one status: telling them apart by schema costs more than it saves.
  const serializerCompiler = () => JSON.stringify;
  app.post('/in/:source', { schema, serializerCompiler }, async (request, reply) => {
    const source = sourceOf(request);
    if (source === undefined) throw unknownSource;
    const sent = sentRequest(request, source, bodyOf(request, source));
    if (await answersHandshake(shell, source, sent, request, reply)) return reply;
    const secretHeaders = await authenticate(shell, source, sent, request);
    admit(source, reply, shell.clock.now());
    const trigger = await triggerOf(sent, source, secretHeaders);
    if (isDryRun(request.headers)) return await rehearse(trigger);
    const { status, location, body } = answerTo(await receive(trigger));
    if (location !== undefined) reply.header('location', location);
    return reply.code(status).send(body);
  });
  answerOtherMethods(app, sourceOf, shell);

  app.setErrorHandler((error, request, reply) => {
    const later = error instanceof AppError && laterCodes.includes(error.code);
    if (later && !reply.hasHeader('retry-after')) {
      reply.header('retry-after', error.details?.retry_after_seconds ?? limits.retryAfterSeconds);
    }
    // Fastify asks no parser where it cannot read the content type.
    const unread =
      error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE';
    throw unread ? unsupportedType(request.headers['content-type'] ?? '') : error;
  });
};

/** Answers that say when to come again. */
const laterCodes: readonly ErrorCode[] = ['unavailable', 'too_many_requests'];

interface Params {
  readonly source: string;
}

const schema = {
  operationId: 'postTrigger',
  summary: 'Takes a trigger; the answer comes after the commit that holds it',
  tags: ['intake'],
  security: [],
  params: Type.Object({ source: Type.String({ description: 'key of a source in signalbox.yaml' }) }),
  response: {
    ...deliveryAnswers,
    ...problems(400, 401, 404, 405, 413, 415, 422, 429, 503),
  },
};

const unknownSource = new AppError('not_found', 'There is no such source.', {
  help: "POST to /in/ and the key of a source in the project's signalbox.yaml.",
});

/** Throws AppError for what is too large. */
function bodyOf(request: FastifyRequest, source: Sender): Buffer {
  // The parser gives null for a body that was too large, and is not asked where there is none.
  const body = request.body === undefined ? Buffer.alloc(0) : (request.body as Buffer | null);
  if (body !== null) return body;
  throw new AppError('too_large', `The body is larger than ${source.bodyBytesMax} bytes.`, {
    help: 'Send less at once, or a reference to the data.',
  });
}

/** Throws AppError for what is in no form that intake reads. */
export async function triggerOf(
  { headers, body }: Sent,
  source: Sender,
  secretHeaders: readonly string[],
): Promise<Trigger> {
  const plain = await meantBody({ headers, body }, source);
  const trigger = {
    source: source.key,
    contentType: plain.contentType,
    headers: { ...keptHeaders(plain.headers, secretHeaders), ...plain.note },
    body: plain.body,
  };
  if (mediaProblem(trigger) !== null) throw unsupportedType(trigger.contentType);
  return trigger;
}

interface MeantBody extends PlainBody {
  readonly contentType: string;
}

/** Signed is what was sent; kept and decided is what was meant. */
export async function meantBody(
  { headers, body }: Pick<Sent, 'headers' | 'body'>,
  { verify, contentType, bodyBytesMax }: Sender,
): Promise<MeantBody> {
  const isToken = verify.scheme !== 'none' && isTokenBody(verify.signature.signature);
  const plain = isToken ? tokenBody(headers, body) : await plainBody(headers, body, bodyBytesMax);
  return { ...plain, contentType: contentType ?? plain.headers['content-type'] ?? '' };
}

interface PlainBody {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly note: Readonly<Record<string, string>>;
}

/** The body without its content coding, the headers that are still true of it, and a note of what it came in. */
async function plainBody(
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  bytesMax: number,
): Promise<PlainBody> {
  const { 'content-encoding': encoding = 'identity', 'content-length': length, ...others } = headers;
  if (encoding.toLowerCase() === 'identity') return { headers, body, note: {} };
  return {
    headers: others,
    body: await unpacked(body, encoding, bytesMax),
    note: { [encodedHeader]: encoding },
  };
}

/** What stands in a token that is the whole body: its claims. The token has been checked. */
function tokenBody(headers: Readonly<Record<string, string>>, body: Buffer): PlainBody {
  const { 'content-length': length, ...others } = headers;
  const [, claims = ''] = body.toString('latin1').split('.', 2);
  return {
    headers: { ...others, 'content-type': 'application/json' },
    body: Buffer.from(claims, 'base64url'),
    note: {},
  };
}

function unsupportedType(contentType: string): AppError {
  const problem =
    mediaOf(contentType).problem ?? `The content type ${quoted(contentType)} is not understood.`;
  return new AppError('unsupported_media_type', problem, {
    help: 'Supported are JSON, forms, multipart/form-data, text, XML, NDJSON and CloudEvents, in UTF-8.',
  });
}

/** A handshake may come by GET or HEAD; anything else is a mistake. */
function answerOtherMethods(
  app: FastifyInstance,
  sourceOf: (request: FastifyRequest) => Sender | undefined,
  shell: IntakeOptions['shell'],
): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const source = sourceOf(request);
    const asked = source?.challenge?.challenge.method ?? 'POST';
    if (source === undefined || asked === 'POST' || asked !== request.method) {
      return problem(reply.header('allow', asked === 'POST' ? asked : `POST, ${asked}`), {
        status: 405,
        code: 'bad_request',
        title: 'The method is not allowed',
        detail: `Triggers come by POST, not by ${request.method}.`,
      });
    }
    const sent = sentRequest(request, source, Buffer.alloc(0));
    if (await answersHandshake(shell, source, sent, request, reply)) return reply;
    throw new AppError(
      'bad_request',
      `By ${asked} comes only the handshake of this source, and this is not it.`,
    );
  };
  app.route({
    method: app.supportedMethods.filter((name) => name !== 'POST'),
    url: '/in/:source',
    schema: { hide: true },
    onRequest: answer,
    handler: answer,
  });
}

/** Answers an address that names no route because it cannot be read: a bad escape, or far too long. */
function answerBadAddress(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode ?? 400;
  const title = STATUS_CODES[status] ?? 'Bad Request';
  problem(reply, { status, code: 'bad_request', title, detail: error.message });
}

/** Answers what is not HTTP, came too slowly, or has too much in its headers; there is no request to reply to. */
function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] = unreadable[error.code ?? ''] ?? [
    400,
    'The request is not HTTP/1.1 as it should be.',
  ];
  const title = STATUS_CODES[status] ?? '';
  const document = JSON.stringify({ type: 'about:blank', status, code: 'bad_request', title, detail });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(document)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${document}`, () => socket.destroy());
}

const unreadable: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    `The request took too long: its headers have ${limits.headersTimeoutMs / 1000} s, all of it ${limits.requestTimeoutMs / 1000} s.`,
  ],
  HPE_HEADER_OVERFLOW: [431, `The headers are larger than ${limits.headerBytesMax} bytes.`],
};
