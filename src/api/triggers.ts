import { type Static, Type } from 'typebox';
import type { Trigger } from '../decision.ts';
import { keyInProgress, keyReused, type Once, onceOf } from '../dedupe/request/key.ts';
import { AppError } from '../errors.ts';
import { answerTo, wasRepeated } from '../intake/answer.ts';
import { keptHeaders, plainHeaders } from '../intake/headers.ts';
import { mediaProblem } from '../intake/payload.ts';
import { admit } from '../intake/rates/http.ts';
import { isDryRun } from '../intake/rehearsal/header.ts';
import { limits } from '../limits.ts';
import type { Project, Source } from '../workflow/project.ts';
import { suggest } from '../workflow/suggest.ts';
import { deliveryAnswers } from './delivery.ts';
import type { Routes } from './deps.ts';
import { exactBodies } from './exact-body.ts';
import { actorOf } from './security.ts';
import { closed, Name, problems } from './wire.ts';

const HandedIn = closed({
  source: Name,
  payload: Type.Optional(Type.Unknown({ description: 'what came, as JSON; or `body`' })),
  body: Type.Optional(Type.String({ description: 'what came, as text; its form is that of `content_type`' })),
  content_type: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'of `body`; default application/json' }),
  ),
  headers: Type.Optional(
    Type.Record(
      Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}$" }),
      Type.String({ format: 'text' }),
      {
        description: 'what expressions see as `headers`; credentials among them are not kept',
      },
    ),
  ),
});

/** POST /api/triggers: a trigger that somebody hands in with the key instead of its source's signature. */
export const triggerRoutes: Routes = async (app, { deps }) => {
  const { shell, intake } = deps;
  const inProgress = new Map<string, string>();

  exactBodies(app);

  app.post(
    '/triggers',
    {
      // Text in JSON may take twice its bytes, and the headers stand in it.
      bodyLimit: 2 * limits.bodyBytesMax + limits.headerBytesMax,
      schema: {
        operationId: 'handInTrigger',
        summary:
          'Takes a trigger without its source’s signature; the answer comes after the commit that holds it',
        description:
          'The same path and the same duplicates as `POST /in/{source}`; the record says who handed it in. With an `Idempotency-Key` a repeat of the request within a day gets the first answer (`Idempotency-Replayed: true`); the same key is 409 while the first is in progress, and 422 for another request. With `Signalbox-Dry-Run: true` it is decided, and nothing is stored.',
        tags: ['intake'],
        body: HandedIn,
        response: {
          ...deliveryAnswers,
          ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const source = sourceOf(request.body.source, shell.project());
      const trigger = triggerOf(request.body, source, actorOf(request, shell.project()));
      admit(source, reply, shell.clock.now());
      if (isDryRun(request.headers)) return await intake.rehearse(trigger);
      const once = onceOf(request.headers['idempotency-key'], request.body);
      if (once === null && source.requiresIdempotencyKey) throw keyMissing(source);
      const outcome = await alone(once, () => intake.receive(trigger, once ?? undefined));
      if (wasRepeated(outcome)) reply.header('idempotency-replayed', 'true');
      const { status, location, body } = answerTo(outcome);
      if (location !== undefined) reply.header('location', location);
      return await reply.code(status).send(body as never);
    },
  );

  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof AppError && error.code === 'unavailable') {
      reply.header('retry-after', error.details?.retry_after_seconds ?? limits.retryAfterSeconds);
    }
    throw error;
  });

  /** On this node the second of two at once is refused; on another one it waits for the first to commit. */
  async function alone<T>(once: Once | null, act: () => Promise<T>): Promise<T> {
    if (once === null) return await act();
    const first = inProgress.get(once.key);
    if (first !== undefined) throw first === once.request ? keyInProgress() : keyReused();
    inProgress.set(once.key, once.request);
    try {
      return await act();
    } finally {
      inProgress.delete(once.key);
    }
  }
};

function keyMissing({ key }: Source): AppError {
  return new AppError('bad_request', `What is handed in for ${key} needs an Idempotency-Key.`, {
    help: 'Send one with each request, the same when you repeat it: `require_idempotency_key` is set for this source.',
  });
}

function triggerOf(handedIn: Static<typeof HandedIn>, source: Source, by: string): Trigger {
  const body = bodyOf(handedIn);
  if (body.length > source.bodyBytesMax) {
    throw new AppError('too_large', `The body is larger than ${source.bodyBytesMax} bytes.`);
  }
  const contentType = handedIn.content_type ?? 'application/json';
  const headers = keptHeaders(plainHeaders(handedIn.headers ?? {}), []);
  const trigger = { source: source.key, contentType, headers, body, by };
  const problem = mediaProblem(trigger);
  if (problem !== null) throw new AppError('unsupported_media_type', problem);
  return trigger;
}

function sourceOf(key: string, { sources }: Project): Source {
  const source = sources.get(key);
  if (source !== undefined) return source;
  const meant = suggest(key, [...sources.keys()]);
  throw new AppError('not_found', `There is no source ${key}.`, {
    help: meant === null ? `Sources: ${[...sources.keys()].join(', ')}.` : `Did you mean ${meant}?`,
  });
}

function bodyOf(handedIn: Static<typeof HandedIn>): Buffer {
  const { payload, body, content_type } = handedIn;
  if ((payload === undefined) === (body === undefined)) {
    throw new AppError('bad_request', 'A trigger has either `payload` or `body`.', {
      help: 'Write JSON as `payload`, and anything else as text in `body` with its `content_type`.',
    });
  }
  if (body !== undefined) return Buffer.from(body);
  if (content_type === undefined) return Buffer.from(JSON.stringify(payload));
  throw new AppError('bad_request', 'A `payload` is JSON and has no `content_type`.', {
    help: 'Write it as text in `body`.',
  });
}
