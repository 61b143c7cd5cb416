import { queryOptions, useQuery } from '@tanstack/react-query';
import { type AnswerOf, answerOf, api } from './client.ts';
import { mayDo, type Right, whoseTicket } from './may.ts';
import { workflows } from './queries.ts';
import type { Story } from './shapes.ts';

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
  /** Whether they may do something everywhere; with `whose`, to what belongs to these persons and teams. */
  readonly may: (right: Right, whose?: readonly string[]) => boolean;
  readonly email: string | null;
  /** What they can sign in with. */
  readonly has: AnswerOf<'getMe'>['has'];
}

const nobody: Me = {
  actor: '',
  name: '',
  answersAs: [],
  may: () => false,
  email: null,
  has: { password: false, totp: false, backup_codes: 0, passkeys: 0 },
};

/** Behind the frame somebody is signed in: `beforeLoad` has seen to it. */
export function useMe(): Me {
  return useQuery({ ...me, select: meOf }).data ?? nobody;
}

function meOf(answer: AnswerOf<'getMe'>): Me {
  const { actor, person, answers_as: answersAs, has } = answer;
  const may: Me['may'] = (right, whose) => mayDo(answer, right, whose);
  return { actor, name: person?.name ?? actor, answersAs, may, email: person?.email ?? null, has };
}

/** Whether who is signed in may work on a ticket. */
export function useMayWorkOn(story: Pick<Story, 'ticket' | 'exceptions'>): boolean {
  const { may } = useMe();
  const known = useQuery(workflows);
  return may('work', whoseTicket(story, known.data?.workflows ?? []));
}
