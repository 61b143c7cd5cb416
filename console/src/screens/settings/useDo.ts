import { useMutation, useQueryClient } from '@tanstack/react-query';
import { problemText } from '../../api/problem.ts';
import { notify } from '../../parts/Notices.tsx';

/** Does something and says so; what is shown of these is read anew, whatever came of it. */
export function useDo(...keys: readonly string[]) {
  const client = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: async ({
      act,
    }: {
      readonly act: () => Promise<string | undefined>;
      readonly then?: () => void;
    }) => await act(),
    onSuccess: (said, { then }) => {
      if (said !== undefined) notify(said);
      then?.();
    },
    onError: (error) => notify(problemText(error), { bad: true }),
    onSettled: () =>
      client.invalidateQueries({ predicate: ({ queryKey: [noun] }) => keys.includes(String(noun)) }),
  });
  return {
    busy: isPending,
    /** `act` answers what is to be said of it. */
    run: (act: () => Promise<string | undefined>, then?: () => void) =>
      mutate({ act, ...(then !== undefined && { then }) }),
  };
}
