import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A lead as its system holds it. */
export interface ListedLead {
  readonly lead_id: string;
  readonly created_at: string;
  readonly [field: string]: unknown;
}

/** How the list behaves towards the next requests. */
export type ListMisbehaviour =
  | 'ok'
  /** 503. */
  | 'fail'
  /** 429 with Retry-After: 7. */
  | 'too_many'
  | 'unauthorized'
  /** 410 for every page but the first. */
  | 'expired_token'
  /** A lead comes in between every two pages, so that the last of one is the first of the next. */
  | 'shifting'
  /** As usual, but a page begins with the last lead of the one before, as where one came in between. */
  | 'moving'
  /** 200 with something that is not JSON. */
  | 'not_json'
  /** Breaks the connection. */
  | 'reset';

export interface LeadList {
  readonly url: string;
  /** What it holds. */
  readonly leads: ListedLead[];
  /** The query of every request that came, oldest first. */
  readonly asked: URLSearchParams[];
  behave(as: ListMisbehaviour): void;
  /** Called before each answer. */
  before(act: (() => Promise<void> | void) | null): void;
  close(): Promise<void>;
}

/**
 * A real HTTP API that lists leads, the newest first: `GET /leads?created_after=…&limit=2` gives a page as
 * `{ data: […], next: "token" }`, `&page_token=token` the next one. Pages count from the newest: what comes in meanwhile
 * moves them. It wants `Authorization: Bearer list-token`.
 */
export async function startLeadList(): Promise<LeadList> {
  const leads: ListedLead[] = [];
  const asked: URLSearchParams[] = [];
  let mode: ListMisbehaviour = 'ok';
  let acting: (() => Promise<void> | void) | null = null;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { searchParams: query } = new URL(request.url ?? '/', 'http://list');
    const answer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    asked.push(query);
    await acting?.();
    if (request.headers.authorization !== 'Bearer list-token') return void answer(401, { error: 'who?' });
    const later = query.has('page_token');
    switch (mode) {
      case 'fail':
        return void answer(503, {});
      case 'too_many':
        return void answer(429, {}, { 'retry-after': '7' });
      case 'unauthorized':
        return void answer(401, {});
      case 'not_json':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<p>leads</p>');
        return;
      case 'reset':
        request.socket.destroy();
        return;
      case 'expired_token':
        if (later) return void answer(410, {});
        break;
      case 'shifting':
        if (later) leads.push({ ...newcomer(leads.length), created_at: latest(leads) });
        break;
      case 'moving':
      case 'ok':
    }
    answer(200, pageOf(leads, query, mode === 'moving' ? 1 : 0));
  }

  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leads,
    asked,
    behave: (as) => {
      mode = as;
    },
    before: (act) => {
      acting = act;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function newcomer(n: number) {
  return { lead_id: `late-${n}`, name: `Late ${n}`, project_type: 'web', budget: 5000 };
}

function latest(leads: readonly ListedLead[]): string {
  return (
    leads
      .map(({ created_at: at }) => at)
      .sort()
      .at(-1) ?? ''
  );
}

function pageOf(
  leads: readonly ListedLead[],
  query: URLSearchParams,
  moved: number,
): { data: ListedLead[]; next?: string } {
  const after = query.get('created_after') ?? '';
  const limit = Number(query.get('limit') ?? 100);
  const from = Math.max(0, Number(query.get('page_token') ?? 0) - moved);
  const all = leads.filter(({ created_at: at }) => at >= after);
  all.sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  const data = all.slice(from, from + limit);
  return from + limit < all.length ? { data, next: String(from + limit) } : { data };
}
