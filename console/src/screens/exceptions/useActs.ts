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
  readonly waive: (index: number, reason: string) => void;
  readonly note: (text: string) => void;
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
  const [cause, setCause] = useState(exception.root_cause ?? '');

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
  const resolve = useCallback(
    async (how: Resolving) => {
      try {
        await mutateAsync({ act: 'resolve', root_cause: cause, ...how } as Act);
        notify(texts.acts.resolved[how.resolution]);
        return true;
      } catch {
        // useAct has told of it.
        return false;
      }
    },
    [mutateAsync, cause],
  );
  return useMemo(
    () => ({
      busy: isPending,
      claim,
      release,
      tick: (index) => mutate({ act: 'tick', index }),
      waive: (index, reason) => mutate({ act: 'waive', index, reason }),
      note: (text) => mutate({ act: 'note', text }, { onSuccess: () => notify(texts.acts.noted) }),
      noting,
      setNoting,
      cause: cause === '' && causes.length === 1 ? (causes[0] ?? '') : cause,
      setCause,
      resolve,
    }),
    [isPending, claim, release, mutate, noting, cause, causes, resolve],
  );
}
