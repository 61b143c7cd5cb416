import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { rowsOf } from './waiting.ts';

/** All that waits for a person, the most urgent first of each kind. */
export function useWaiting() {
  const approvals = useQuery({
    queryKey: ['approvals'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/approvals', { signal })),
  });
  const outcomes = useQuery({
    queryKey: ['outcomes'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/outcomes', { signal })),
  });
  const rows = useMemo(
    () => rowsOf(approvals.data?.approvals ?? [], outcomes.data?.outcomes ?? []),
    [approvals.data, outcomes.data],
  );
  const known = approvals.data !== undefined && outcomes.data !== undefined;
  return {
    rows,
    pending: !known && (approvals.isPending || outcomes.isPending),
    error: known ? null : (approvals.error ?? outcomes.error),
    retry: () => {
      void approvals.refetch();
      void outcomes.refetch();
    },
  };
}
