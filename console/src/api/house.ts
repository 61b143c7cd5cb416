import { queryOptions } from '@tanstack/react-query';
import { type AnswerOf, answerOf, api } from './client.ts';
import { Problem } from './problem.ts';

/** What is read of the house: chains, maps, destinations, and what looks after them. */

export type Chain = AnswerOf<'getInventory'>['chains'][number];
export type WorkflowMapFigures = AnswerOf<'getWorkflowMap'>;
export type History = AnswerOf<'listWorkflowVersions'>;
export type Difference = AnswerOf<'compareWorkflowVersions'>;
export type Destination = AnswerOf<'listDestinations'>['destinations'][number];
export type DestinationWithActs = AnswerOf<'getDestination'>;
export type Attempts = AnswerOf<'listAttemptsAt'>;
export type HandoffTo = AnswerOf<'listHandoffsTo'>['handoffs'][number];
export type Comparison = AnswerOf<'listReconciliations'>['reconciliations'][number];
export type ComparisonReport = AnswerOf<'reconcileSource'>;
export type Readiness = AnswerOf<'getReady'>;

export const inventory = queryOptions({
  queryKey: ['inventory'],
  queryFn: async ({ signal }) => (await answerOf(api.GET('/api/inventory', { signal }))).chains,
});

export const mapOf = (name: string, windowMs: number) =>
  queryOptions({
    queryKey: ['map', name, windowMs],
    queryFn: ({ signal }) => {
      const since = new Date(Date.now() - windowMs).toISOString();
      const params = { path: { name }, query: { since } };
      return answerOf(api.GET('/api/workflows/{name}/map', { params, signal }));
    },
  });

export const historyOf = (name: string) =>
  queryOptions({
    queryKey: ['history', name],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/workflows/{name}/versions', { params: { path: { name } }, signal })),
  });

export const differenceOf = (name: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['difference', name, from, to],
    queryFn: ({ signal }) => {
      const params = { path: { name }, query: { from, to } };
      return answerOf(api.GET('/api/workflows/{name}/difference', { params, signal }));
    },
    // Versions are named by their content.
    staleTime: Number.POSITIVE_INFINITY,
  });

export const destinations = queryOptions({
  queryKey: ['destinations'],
  queryFn: async ({ signal }) => (await answerOf(api.GET('/api/destinations', { signal }))).destinations,
});

export const destinationOf = (key: string) =>
  queryOptions({
    queryKey: ['destination', key],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/destinations/{key}', { params: { path: { key } }, signal })),
  });

export const attemptsAt = (key: string) =>
  queryOptions({
    queryKey: ['attempts', key],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/destinations/{key}/attempts', { params: { path: { key } }, signal })),
  });

/** A page of what waits for a destination. */
export async function readHandoffsTo(key: string, after: string | null, limit: number) {
  const query = { limit, ...(after !== null && { after }) };
  return await answerOf(api.GET('/api/destinations/{key}/handoffs', { params: { path: { key }, query } }));
}

export const comparisons = queryOptions({
  queryKey: ['comparisons'],
  queryFn: async ({ signal }) =>
    (await answerOf(api.GET('/api/reconciliations', { signal }))).reconciliations,
});

export const detection = queryOptions({
  queryKey: ['detection'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/detection', { signal })),
});

/** What the server says of itself; that it is not ready is an answer too. */
export const readiness = queryOptions({
  queryKey: ['readiness'],
  queryFn: async ({ signal }): Promise<Readiness> => {
    try {
      return await answerOf(api.GET('/health/ready', { signal }));
    } catch (error) {
      if (error instanceof Problem && Array.isArray(error.details.checks)) {
        return error.details as unknown as Readiness;
      }
      throw error;
    }
  },
});
