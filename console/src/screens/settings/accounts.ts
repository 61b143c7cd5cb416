import { queryOptions } from '@tanstack/react-query';
import { type AnswerOf, answerOf, api } from '../../api/client.ts';

export const accounts = queryOptions({
  queryKey: ['accounts'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/accounts', { signal })),
});

export type Role = AnswerOf<'getMe'>['roles'][number];

export const roles: readonly Role[] = ['viewer', 'operator', 'owner', 'approver', 'administrator'];
