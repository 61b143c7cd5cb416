import { QueryClient, queryOptions } from '@tanstack/react-query';
import { bodyWith } from '../payload/body.ts';
import { answerOf, api } from './client.ts';
import { isUnreachable, Problem } from './problem.ts';

/** What is read from the API, by name; screens that show the same share one answer. */

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refuses it refuses again; what does not arrive may, the next time.
      retry: (failures, error) =>
        isUnreachable(error) || (error instanceof Problem && error.status >= 500 && failures < 2),
      retryDelay: (failures) => Math.min(1_000 * 2 ** failures, 10_000),
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

export const storyOf = (id: string) =>
  queryOptions({
    queryKey: ['ticket', id],
    queryFn: ({ signal }) => answerOf(api.GET('/api/tickets/{id}', { params: { path: { id } }, signal })),
  });

export const explanationOf = (id: string) =>
  queryOptions({
    queryKey: ['ticket', id, 'explanation'],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/tickets/{id}/explanation', { params: { path: { id } }, signal })),
  });

export const workflows = queryOptions({
  queryKey: ['workflows'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/workflows', { signal })),
  staleTime: 60_000,
});

/** The bytes of a payload, as text. */
export const payloadOf = (id: string, revision: number) =>
  queryOptions({
    queryKey: ['payload', id, revision],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/api/tickets/{id}/payload', {
          params: { path: { id }, query: { revision } },
          parseAs: 'text',
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What a replay of a ticket starts from. */
export const replayBaseOf = (id: string, revision: number) =>
  queryOptions({
    queryKey: ['replay-base', id, revision],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/tickets/{id}/contract', { params: { path: { id } }, signal })),
  });

/** What a replay with this payload would do; null: there is none to be tried. */
export const rehearsalOf = (id: string, payload: string | null) =>
  queryOptions({
    queryKey: ['rehearsal', id, payload],
    enabled: payload !== null,
    // Nobody comes back to what was typed a moment ago.
    gcTime: 0,
    queryFn: ({ signal }) =>
      answerOf(
        api.POST('/api/tickets/{id}/rehearsal', {
          params: { path: { id } },
          body: { payload },
          bodySerializer: () => bodyWith({}, payload ?? 'null'),
          signal,
        }),
      ),
    // What was said of the payload before stays until the next is known: nothing flickers while one types.
    placeholderData: (before) => before,
  });

/** Persons and teams, what each answers for and has open. */
export const people = queryOptions({
  queryKey: ['people'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/people', { params: { query: {} }, signal })),
  staleTime: 30_000,
});

export const sources = queryOptions({
  queryKey: ['sources'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/sources', { signal })),
  staleTime: 30_000,
});
