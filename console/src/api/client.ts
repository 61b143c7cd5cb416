import createClient from 'openapi-fetch';
import { heard } from '../parts/clock.ts';
import type { operations, paths } from './openapi.ts';
import { asksAttended } from './presence.ts';
import { problemOf, unreachable } from './problem.ts';
import { heardSignedIn } from './signed-in.ts';

/** The API, typed by /openapi.json. Whatever is no answer is thrown as a Problem. */
export const api = createClient<paths>({ credentials: 'same-origin' });

const asked = new WeakMap<Request, number>();

api.use({
  onRequest({ request }) {
    asked.set(request, Date.now());
    if (!asksAttended()) request.headers.set('signalbox-unattended', 'true');
  },
  async onResponse({ request, response }) {
    heard(response.headers.get('date'), asked.get(request) ?? Date.now());
    // Who proves who they are is not signed in yet.
    if (!new URL(request.url).pathname.startsWith('/api/sign-in')) {
      if (response.status === 401) heardSignedIn(false);
      else if (response.ok) heardSignedIn(true);
    }
    if (!response.ok) throw await problemOf(response);
  },
  onError({ error }) {
    return error instanceof DOMException ? undefined : unreachable();
  },
});

/** The body of an answer. */
export async function answerOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}

type Answers = { [K in keyof operations]: operations[K] };

/** What an operation answers with 200. */
export type AnswerOf<K extends keyof Answers> = Answers[K] extends {
  responses: { 200: { content: { 'application/json': infer T } } };
}
  ? T
  : never;
