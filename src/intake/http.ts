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
import { problem } from '../api/problem.ts';
import { closed, nullable, problems, TicketId } from '../api/wire.ts';
import type { Trigger } from '../decision.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Shell } from '../shell.ts';
import { isSender, type Sender } from '../workflow/project.ts';
import { answerTo } from './answer.ts';
import { unpacked } from './encoding/http.ts';
import { encodedHeader, keptHeaders, plainHeaders } from './headers.ts';
import { quoted } from './media.ts';
import { mediaProblem } from './payload.ts';
import { verifyRequest } from './signature.ts';
import type { Received } from './submitted.ts';

export interface IntakeOptions {
  readonly shell: Pick<Shell, 'clock' | 'log' | 'project' | 'secrets'>;
  /** Resolves after the commit that holds the delivery (worker.ts). */
  readonly receive: (whole: Trigger) => Promise<Received>;
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
 * (`on_invalid: reject`). Nothing is accepted by 401, 404, 413, 415 and 503. The root instance has `problemHandlers`.
 */
export const intakeRoutes: FastifyPluginAsync<IntakeOptions> = async (app, { shell, receive }) => {
  const sourceOf = ({ params }: FastifyRequest) => {
    const source = shell.project().sources.get((params as Params).source);
    return isSender(source) ? source : undefined;
  };

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, stream: IncomingMessage) =>
    readBody(stream, sourceOf(request)?.bodyBytesMax ?? 0),
  );

  // Two shapes of one status: telling them apart by schema costs more than it saves.
  const serializerCompiler = () => JSON.stringify;
  app.post('/in/:source', { schema, serializerCompiler }, async (request, reply) => {
    const source = sourceOf(request);
    if (source === undefined) throw unknownSource;
    const { status, location, body } = answerTo(await receive(await triggerOf(request, source, shell)));
    if (location !== undefined) reply.header('location', location);
    return reply.code(status).send(body);
  });
  refuseOtherMethods(app);

  app.setErrorHandler((error, request, reply) => {
    if (error instanceof AppError && error.code === 'unavailable' && !reply.hasHeader('retry-after')) {
      reply.header('retry-after', limits.retryAfterSeconds);
    }
    // Fastify asks no parser where it cannot read the content type.
    const unread =
      error instanceof Error && 'code' in error && error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE';
    throw unread
      ? unsupportedType(
          `The content type ${quoted(request.headers['content-type'] ?? '')} is not understood.`,
        )
      : error;
  });
};

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
    202: closed({
      ticket: TicketId,
      state: Type.String({ description: 'handoff, triage, exception or done' }),
      decision: closed({
        kind: Type.String({ description: 'routed or stopped' }),
        route: nullable(Type.String({ description: '`team:<key>` or `person:<key>`' })),
        confidence: nullable(Type.Number({ minimum: 0, maximum: 1 })),
        exception: nullable(closed({ mode: Type.String(), summary: Type.String() })),
        reasons: Type.Array(Type.String(), { description: 'one sentence a rung' }),
      }),
    }),
    200: closed({ ticket: TicketId, decision: closed({ kind: Type.Literal('joined') }) }),
    ...problems(401, 404, 405, 413, 415, 422, 503),
  },
};

const unknownSource = new AppError('not_found', 'There is no such source.', {
  help: "POST to /in/ and the key of a source in the project's signalbox.yaml.",
});

/** Throws AppError for what is too large, not authentic, or in no form that intake reads; in that order. */
async function triggerOf(
  request: FastifyRequest,
  source: Sender,
  shell: IntakeOptions['shell'],
): Promise<Trigger> {
  // The parser gives null for a body that was too large, and is not asked where there is none.
  const body = request.body === undefined ? Buffer.alloc(0) : (request.body as Buffer | null);
  if (body === null) {
    throw new AppError('too_large', `The body is larger than ${source.bodyBytesMax} bytes.`, {
      help: 'Send less at once, or a reference to the data.',
    });
  }
  const headers = plainHeaders(request.headers);
  const secretHeaders = authenticate({ headers, body }, source, request, shell);
  // Signed is what was sent; kept and decided is what was meant.
  const plain = await plainBody(headers, body, source.bodyBytesMax);
  const trigger = {
    source: source.key,
    contentType: headers['content-type'] ?? '',
    headers: { ...keptHeaders(plain.headers, secretHeaders), ...plain.note },
    body: plain.body,
  };
  const problem = mediaProblem(trigger);
  if (problem !== null) throw unsupportedType(problem);
  return trigger;
}

/** The body without its content coding, the headers that are still true of it, and a note of what it came in. */
async function plainBody(headers: Readonly<Record<string, string>>, body: Buffer, bytesMax: number) {
  const { 'content-encoding': encoding = 'identity', 'content-length': length, ...others } = headers;
  if (encoding.toLowerCase() === 'identity') return { headers, body, note: {} };
  return {
    headers: others,
    body: await unpacked(body, encoding, bytesMax),
    note: { [encodedHeader]: encoding },
  };
}

/** The headers that must not be kept. Throws AppError where the request does not prove that the source sent it. */
function authenticate(
  signed: { headers: Readonly<Record<string, string>>; body: Buffer },
  source: Sender,
  request: FastifyRequest,
  shell: IntakeOptions['shell'],
): readonly string[] {
  const found = verifyRequest(source.verify, signed, secretsOf(source, shell), shell.clock.now());
  if (found.authentic) return found.secretHeaders;
  const { reason, message } = found;
  const about = { source: source.key, reason, from: request.ip, request: request.id };
  shell.log.warn(about, 'a trigger was not authentic');
  throw new AppError('unauthenticated', message, {
    help: `This source proves itself by ${source.verify.scheme}; \`signalbox send\` shows how with the same secret.`,
    details: { reason },
  });
}

/** A secret that we have lost is no fault of the sender: it is told to come again, not that it is a stranger. */
function secretsOf({ key, verify }: Sender, { log, secrets }: IntakeOptions['shell']): readonly string[] {
  if (verify.scheme === 'none') return [];
  try {
    return verify.secrets.flatMap((ref) => secrets(ref));
  } catch (error) {
    log.error({ err: error, source: key }, 'the secret of a source cannot be read');
    throw new AppError('unavailable', 'This source cannot be checked at present; nothing was accepted.');
  }
}

function unsupportedType(problem: string): AppError {
  return new AppError('unsupported_media_type', problem, {
    help: 'Supported are JSON, forms, multipart/form-data, text, XML, NDJSON and CloudEvents, in UTF-8.',
  });
}

function refuseOtherMethods(app: FastifyInstance): void {
  const refuse = async (request: FastifyRequest, reply: FastifyReply) =>
    problem(reply.header('allow', 'POST'), {
      status: 405,
      code: 'bad_request',
      title: 'The method is not allowed',
      detail: `Triggers come by POST, not by ${request.method}.`,
    });
  const method = app.supportedMethods.filter((name) => name !== 'POST');
  app.route({
    method,
    url: '/in/:source',
    schema: { hide: true },
    onRequest: refuse,
    handler: refuse,
  });
}

/**
 * All bytes of a body; null as soon as there are more than `bytesMax`.
 * The rest is read and forgotten, for senders look at the answer only when all is sent; but not without end.
 */
function readBody(stream: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>();
  const chunks: Buffer[] = [];
  let size = 0;
  if (Number(stream.headers['content-length']) > bytesMax) resolve(null);
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= bytesMax) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    resolve(null);
    if (size > bytesMax + limits.bodyDiscardBytesMax) stream.destroy();
  });
  const endedEarly = () => reject(new AppError('bad_request', 'The body ended before all of it had come.'));
  stream.on('end', () => resolve(Buffer.concat(chunks)));
  stream.on('error', endedEarly);
  stream.on('close', endedEarly);
  return promise;
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
