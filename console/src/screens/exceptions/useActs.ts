import { useCallback, useMemo, useState } from 'react';
import type { Exception } from '../../api/shapes.ts';
import { notify } from '../../parts/Notices.tsx';
import { texts } from '../../texts/exceptions.ts';
import { type Act, useAct } from './useAct.ts';

/** What can be done to one exception, and what is chosen for it already. */
export interface Acts {
  readonly busy: boolean;
  readonly claim: (then?: () => void) => void;
  readonly release: () => void;
  readonly tick: (index: number) => void;
  /** These say whether the server has taken it. */
  readonly waive: (index: number, reason: string) => Promise<boolean>;
  readonly note: (text: string) => Promise<boolean>;
  readonly noting: boolean;
  readonly setNoting: (noting: boolean) => void;
  readonly cause: string;
  readonly setCause: (cause: string) => void;
  readonly resolve: (how: Resolving) => Promise<boolean>;
}

/** A resolution without its root cause, which is chosen beside it. */
export type Resolving =
  Extract<Act, { act: 'resolve' }> extends infer R
    ? R extends unknown
      ? Omit<R, 'act' | 'root_cause'>
      : never
    : never;

export function useActs(exception: Exception): Acts {
  const { mutate, mutateAsync, isPending } = useAct(exception.ticket_id, exception.seq);
  const [noting, setNoting] = useState(false);
  const causes = exception.root_causes;
  const [chosen, setCause] = useState('');
  const cause = chosen === '' && causes.length === 1 ? (causes[0] ?? '') : chosen;

  const release = useCallback(
    () => mutate({ act: 'release' }, { onSuccess: () => notify(texts.acts.released) }),
    [mutate],
  );
  const claim = useCallback(
    (then?: () => void) =>
      mutate(
        { act: 'claim' },
        {
          onSuccess: () => {
            notify(texts.acts.claimed, { undo: { label: texts.acts.undo, run: release } });
            then?.();
          },
        },
      ),
    [mutate, release],
  );
  const taken = useCallback(
    async (act: Act, said?: string) => {
      try {
        await mutateAsync(act);
        if (said !== undefined) notify(said);
        return true;
      } catch {
        // useAct has told of it.
        return false;
      }
    },
    [mutateAsync],
  );
  return useMemo(
    () => ({
      busy: isPending,
      claim,
      release,
      tick: (index) => mutate({ act: 'tick', index }),
      waive: (index, reason) => taken({ act: 'waive', index, reason }),
      note: (text) => taken({ act: 'note', text }, texts.acts.noted),
      noting,
      setNoting,
      cause,
      setCause,
      resolve: (how) =>
        taken({ act: 'resolve', root_cause: cause, ...how } as Act, texts.acts.resolved[how.resolution]),
    }),
    [isPending, claim, release, mutate, noting, cause, taken],
  );
}
