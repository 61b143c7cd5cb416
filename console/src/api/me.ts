import { queryOptions, useQuery } from '@tanstack/react-query';
import { type AnswerOf, answerOf, api } from './client.ts';

export const me = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/me', { signal })),
  staleTime: 60_000,
});

/** Who is signed in. */
export interface Me {
  /** `person:dana`; as the record names what they do. */
  readonly actor: string;
  readonly name: string;
  /** The person and their teams. */
  readonly answersAs: readonly string[];
  readonly may: (right: AnswerOf<'getMe'>['rights'][number]) => boolean;
}

const nobody: Me = { actor: '', name: '', answersAs: [], may: () => false };

/** Behind the frame somebody is signed in: `beforeLoad` has seen to it. */
export function useMe(): Me {
  return useQuery({ ...me, select: meOf }).data ?? nobody;
}

function meOf(answer: AnswerOf<'getMe'>): Me {
  const { actor, person, answers_as: answersAs, rights, owner } = answer;
  // An owner may work on what is theirs; whether a ticket is, the server says when it is asked.
  const may: Me['may'] = (right) => rights.includes(right) || (owner && right === 'work');
  return { actor, name: person?.name ?? actor, answersAs, may };
}
