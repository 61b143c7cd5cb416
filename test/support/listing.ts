import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A record of the listing; the list is in the order of `at`. */
export interface Listed {
  readonly at: number;
  readonly [field: string]: unknown;
}

/** How the listing behaves towards one request: not at all as it should, or null for as usual. */
export type Answering = (asked: {
  request: IncomingMessage;
  url: URL;
  answer: Answer;
}) => boolean | Promise<boolean>;
type Answer = (status: number, body: unknown, headers?: Readonly<Record<string, string>>) => void;

export interface Listing {
  readonly url: string;
  /** What it holds; tests add to it. */
  readonly records: Listed[];
  /** The query of every request that came, oldest first. */
  readonly asked: URLSearchParams[];
  /** Sees every request first; true: it has answered, or never will. Null: all is as usual. */
  intervene(how: Answering | null): void;
  close(): Promise<void>;
}

/**
 * A real HTTP API that lists: `GET /leads?since=5&limit=2` gives what is later than `since`, in pages, as
 * `{ data: […], next: "token" }`; `GET /leads?page_token=token` gives the next one. It wants `Authorization: Bearer crm-token`.
 */
export async function startListing(): Promise<Listing> {
  const records: Listed[] = [];
  const asked: URLSearchParams[] = [];
  let intervening: Answering | null = null;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://listing');
    const answer: Answer = (status, body, headers = {}) => {
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    };
    asked.push(url.searchParams);
    if (await intervening?.({ request, url, answer })) return;
    if (request.headers.authorization !== 'Bearer crm-token') return answer(401, { error: 'who are you?' });
    answer(200, pageOf(records, url.searchParams));
  }

  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    records,
    asked,
    intervene: (how) => {
      intervening = how;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pageOf(records: readonly Listed[], query: URLSearchParams): { data: Listed[]; next?: string } {
  const [since, limit, from] = query.has('page_token')
    ? (query.get('page_token') ?? '').split('.').map(Number)
    : [Number(query.get('since') ?? 0), Number(query.get('limit') ?? 100), 0];
  const later = records.filter(({ at }) => at > (since ?? 0)).sort((a, b) => a.at - b.at);
  const end = (from ?? 0) + (limit ?? 100);
  const data = later.slice(from, end);
  return end < later.length ? { data, next: [since, limit, end].join('.') } : { data };
}
