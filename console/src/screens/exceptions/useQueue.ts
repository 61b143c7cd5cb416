import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { readAllPages } from '../../api/pages.ts';
import type { QueuedException } from '../../api/shapes.ts';
import { onChange } from '../../api/stream.ts';
import type { Filter } from './filter.ts';
import { allStale, type Page, withPage } from './pages.ts';

const rowsPerPage = 500;
/** Changes that come close together are read once. */
const gatherMs = 250;

export interface Queue {
  readonly rows: readonly QueuedException[];
  /** There are more rows than these. */
  readonly more: boolean;
  readonly loading: boolean;
  readonly error: unknown;
  /** Tells which rows are looked at: what is stale or missing there is read. */
  readonly look: (first: number, last: number) => void;
  readonly retry: () => void;
}

function queueKey(filter: Filter) {
  return ['queue', filter] as const;
}

async function readPage(filter: Filter, after: string | null): Promise<Page> {
  const query = { ...filter, limit: rowsPerPage, ...(after !== null && { after }) };
  const { exceptions, next } = await answerOf(api.GET('/api/exceptions', { params: { query } }));
  return { after, rows: exceptions, next };
}

/** All of a queue, for an export. */
export async function readAll(filter: Filter): Promise<QueuedException[]> {
  return await readAllPages((after) => readPage(filter, after));
}

/** The exceptions of a filter, as far as they are loaded, kept as they are on the server. */
export function useQueue(filter: Filter): Queue {
  const client = useQueryClient();
  const key = useMemo(() => queueKey(filter), [filter]);
  const query = useQuery({
    queryKey: key,
    queryFn: async (): Promise<Page[]> => [await readPage(filter, null)],
    staleTime: Number.POSITIVE_INFINITY,
    // Pages are put together by `withPage`, which leaves alone what it does not change; nobody need compare 10,000 rows.
    structuralSharing: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const looked = useRef({ first: 0, last: 0 });
  const reading = useRef(new Set<string | null>());

  const read = useCallback(
    async (after: string | null) => {
      if (reading.current.has(after)) return;
      reading.current.add(after);
      try {
        const page = await readPage(filter, after);
        client.setQueryData<Page[]>(key, (pages) => pages && withPage(pages, page));
      } catch {
        // It stays stale, and is read again when it is next looked at; the frame tells of a lost connection.
      } finally {
        reading.current.delete(after);
      }
    },
    [client, filter, key],
  );

  const look = useCallback(
    (first: number, last: number) => {
      looked.current = { first, last };
      const pages = client.getQueryData<Page[]>(key);
      if (pages === undefined) return;
      let from = 0;
      for (const { after, rows, stale } of pages) {
        const to = from + rows.length;
        if (stale === true && from <= last && to >= first) void read(after);
        from = to;
      }
      const end = pages.at(-1);
      if (end != null && end.next !== null && last + rowsPerPage / 2 > from) void read(end.next);
    },
    [client, key, read],
  );

  useEffect(() => {
    let timer: number | undefined;
    const stop = onChange(() => {
      timer ??= window.setTimeout(() => {
        timer = undefined;
        client.setQueryData<Page[]>(key, (pages) => pages && allStale(pages));
        void read(null);
        look(looked.current.first, looked.current.last);
      }, gatherMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client, key, look, read]);

  const pages = query.data;
  const rows = useMemo(() => pages?.flatMap((page) => page.rows) ?? [], [pages]);
  return {
    rows,
    more: pages?.at(-1)?.next != null,
    loading: query.isPending,
    error: query.error,
    look,
    retry: () => void query.refetch(),
  };
}
