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
  /** What is on its way, by its cursor; true: something has changed since it was asked for. */
  const reading = useRef(new Map<string, boolean>());
  const readFresh = useCallback(
    async (after: string | null): Promise<Page> => {
      const name = JSON.stringify([filter, after]);
      reading.current.set(name, false);
      try {
        const page = await readPage(filter, after);
        return { ...page, stale: reading.current.get(name) === true };
      } finally {
        reading.current.delete(name);
      }
    },
    [filter],
  );
  const query = useQuery({
    queryKey: key,
    queryFn: async (): Promise<Page[]> => [await readFresh(null)],
    staleTime: Number.POSITIVE_INFINITY,
    // Pages are put together by `withPage`, which leaves alone what it does not change; nobody need compare 10,000 rows.
    structuralSharing: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const looked = useRef({ first: 0, last: 0 });

  const read = useCallback(
    async (after: string | null) => {
      if (reading.current.has(JSON.stringify([filter, after]))) return;
      try {
        for (let again = true; again; ) {
          const page = await readFresh(after);
          client.setQueryData<Page[]>(key, (pages) => pages && withPage(pages, page));
          again = page.stale === true;
        }
      } catch {
        // It stays stale, and is read again when it is next looked at; the frame tells of a lost connection.
      }
    },
    [client, filter, key, readFresh],
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
    const refresh = () => {
      timer = undefined;
      for (const name of reading.current.keys()) reading.current.set(name, true);
      client.setQueryData<Page[]>(key, (pages) => pages && allStale(pages));
      void read(null);
      look(looked.current.first, looked.current.last);
    };
    const stop = onChange(() => {
      timer ??= window.setTimeout(refresh, gatherMs);
    });
    // It was kept from an earlier look, and nobody has listened since.
    if (client.getQueryData(key) !== undefined) refresh();
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client, key, look, read]);

  const pages = query.data;
  // What was read may have been old already when it came.
  useEffect(() => {
    if (pages !== undefined) look(looked.current.first, looked.current.last);
  }, [look, pages]);
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
