import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorCode, httpStatus } from '../errors.ts';

/** One RFC 9457 problem document, before it has its request id. */
export interface Problem {
  readonly status: number;
  /** Stable label for programs: `not_found`, `internal`. */
  readonly code: ErrorCode | 'internal';
  /** The same for every problem of this code. */
  readonly title: string;
  /** What is wrong this time, for the person who reads it. */
  readonly detail: string;
  /** What to do instead, one sentence. */
  readonly help?: string;
  /** Further members of the document. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const titles: Readonly<Record<ErrorCode | 'internal', string>> = {
  bad_request: 'The request is not understood',
  unauthenticated: 'The request does not prove who sends it',
  forbidden: 'The request is not allowed',
  not_found: 'There is no such thing',
  conflict: 'The request does not fit the present state',
  too_large: 'The request is too large',
  unsupported_media_type: 'The content type is not understood',
  unprocessable: 'The content does not satisfy its contract',
  too_many_requests: 'Too many requests',
  invalid_project: 'The project does not compile',
  unavailable: 'Signalbox cannot do this now',
  schema_too_new: 'The database is newer than this program',
  schema_changed: 'A landed migration was changed',
  no_database_binary: 'There is no database binary for this platform',
  internal: 'Internal error',
};

/** Answers with a problem document; its `instance` is the request's id, which the log has too. */
export function problem(reply: FastifyReply, about: Problem): FastifyReply {
  const { status, details, ...members } = about;
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .serializer((document: unknown) => JSON.stringify(document))
    .type('application/problem+json')
    .send({
      ...details,
      type: 'about:blank',
      status,
      ...members,
      instance: `urn:request:${reply.request.id}`,
    });
}

/** The problem that an AppError is: its code decides status and title. */
function problemOf(error: AppError): Problem {
  return {
    status: httpStatus(error.code),
    code: error.code,
    title: titles[error.code],
    detail: error.message,
    ...(error.help === undefined ? {} : { help: error.help }),
    ...(error.details === undefined ? {} : { details: error.details }),
  };
}

/** Makes every error of this Fastify instance a problem document, unknown routes too. Call once, on the root. */
export function problemHandlers(app: FastifyInstance): void {
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    problem(reply, {
      status: 404,
      code: 'not_found',
      title: titles.not_found,
      detail: `Nothing answers ${request.method} ${pathOf(request)}.`,
      help: 'GET /openapi.json lists what there is.',
    });
  });
}

function answerError(error: FastifyError | AppError, request: FastifyRequest, reply: FastifyReply): void {
  const known = error instanceof AppError ? error : callersMistake(error);
  if (known !== null) {
    if (known.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="signalbox"');
    const wait = known.details?.retry_after;
    if (typeof wait === 'number') reply.header('retry-after', wait);
    problem(reply, problemOf(known));
    return;
  }
  request.log.error({ err: error }, 'internal error');
  problem(reply, {
    status: 500,
    code: 'internal',
    title: titles.internal,
    detail: 'Something went wrong inside Signalbox.',
    help: `The log has the particulars under request ${request.id}.`,
  });
}

/** What Fastify itself refuses, as one of our codes; null where the fault is ours. */
function callersMistake(error: FastifyError): AppError | null {
  if (error.validation !== undefined) {
    return new AppError('bad_request', error.message, {
      details: {
        errors: error.validation.map(({ instancePath, message }) => ({ path: instancePath, message })),
      },
    });
  }
  const code = codeOfStatus.get(error.statusCode ?? 500);
  return code === undefined ? null : new AppError(code, error.message);
}

const codeOfStatus: ReadonlyMap<number, ErrorCode> = new Map([
  [400, 'bad_request'],
  [404, 'not_found'],
  [405, 'bad_request'],
  [413, 'too_large'],
  [414, 'too_large'],
  [415, 'unsupported_media_type'],
  [503, 'unavailable'],
]);

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? request.url;
}
