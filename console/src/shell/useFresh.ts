import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { onChange } from '../api/stream.ts';

const gatherSoonMs = 400;

/**
 * Reads again what is shown of tickets that have changed, and the lists of this key. The queue has its own way. Figures that
 * cost the server a count are gathered for longer.
 */
export function useFresh(lists: readonly string[], gatherMs = gatherSoonMs): void {
  const client = useQueryClient();
  const key = lists.join();
  useEffect(() => {
    let changed: Set<string> | null = new Set();
    let timer: number | undefined;
    const refresh = () => {
      timer = undefined;
      const ids = changed;
      changed = new Set();
      void client.invalidateQueries({
        predicate: ({ queryKey: [noun, id] }) =>
          key.split(',').includes(String(noun)) ||
          (noun === 'ticket' && (ids === null || ids.has(String(id)))),
      });
    };
    const stop = onChange((change) => {
      changed = change === null || changed === null ? null : changed.union(change);
      timer ??= window.setTimeout(refresh, gatherMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client, key, gatherMs]);
}
