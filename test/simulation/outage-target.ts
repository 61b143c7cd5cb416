import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { limits } from '../../src/limits.ts';

/** What came of what was acknowledged while the target was out, and how the target was treated. Times from its return. */
export interface OutageFigures {
  readonly acknowledged: number;
  readonly lost: number;
  readonly lostShare: number;
  readonly twice: number;
  /** Acknowledged and not arrived when it came back. */
  readonly waiting: number;
  /** Requests with a key that was told `Retry-After`, before that time. */
  readonly tooSoon: number;
  readonly requestsWhileOut: number;
  /** Until it was first asked to make something; until all that waited has arrived. Null: never. */
  readonly resumedAfterMs: number | null;
  readonly drainedAfterMs: number | null;
  /** The most requests in any second after its return. */
  readonly requestsPerSecondMax: number;
  /** The most requests at once, in each step of limits.rampStepMs after the first one that it answered; and what the ramp allows. */
  readonly requestsAtOnce: readonly number[];
  readonly requestsAtOnceAllowed: readonly number[];
}

export interface OutageTarget {
  readonly url: string;
  answer503(): void;
  /** Closes its port: connections are refused. */
  refuse(): Promise<void>;
  comeBack(): Promise<void>;
  /** Different records made. */
  arrived(): number;
  figures(acknowledged: number, waiting: number): OutageFigures;
  close(): Promise<void>;
}

const retryAfterS = 1;
/** So long a request takes, so that several are under way at once. */
const latencyMs = 10;
const stepsLooked = 4;

/** The bench's target (`POST /projects`, `GET /projects/{id}`), which can be out, and notes who comes when. */
export async function startOutageTarget(): Promise<OutageTarget> {
  let mode: 'ok' | 'out' = 'ok';
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const records = new Map<string, string>();
  const byKey = new Map<string, string>();
  const byLead = new Map<string, number>();
  const notBefore = new Map<string, number>();
  const arrivedAt: number[] = [];
  const requestsAt: number[] = [];
  const atOnce: { at: number; count: number }[] = [];
  let [underWay, tooSoon, whileOut] = [0, 0, 0];
  let returnedAt: number | null = null;
  let [resumedAt, answeredAt]: (number | null)[] = [null, null];

  async function listen(at: number): Promise<Server> {
    const made = createServer((request, response) => void handle(request, response));
    await new Promise<void>((resolve, reject) => made.once('error', reject).listen(at, '127.0.0.1', resolve));
    return made;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = performance.now();
    const isPost = request.method === 'POST';
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    if (mode === 'out') {
      whileOut += 1;
      if (isPost) told(request, now);
      answer(response, 503, '{"title":"out","status":503}', { 'retry-after': String(retryAfterS) });
      return;
    }
    underWay += 1;
    if (returnedAt !== null) {
      requestsAt.push(now);
      if (isPost) resumedAt ??= now;
      if (answeredAt !== null) atOnce.push({ at: now, count: underWay });
    }
    if (isPost) early(request, now);
    await wait(latencyMs);
    underWay -= 1;
    if (!isPost) {
      const record = records.get((request.url ?? '').split('/').at(-1) ?? '');
      answer(
        response,
        record === undefined ? 404 : 200,
        record ?? '{"title":"no such project","status":404}',
      );
      return;
    }
    if (returnedAt !== null) answeredAt ??= performance.now();
    answer(response, 201, made(String(request.headers['idempotency-key']), text));
  }

  function told(request: IncomingMessage, now: number): void {
    early(request, now);
    notBefore.set(String(request.headers['idempotency-key']), now + retryAfterS * 1_000);
  }

  function early(request: IncomingMessage, now: number): void {
    if (now < (notBefore.get(String(request.headers['idempotency-key'])) ?? 0)) tooSoon += 1;
  }

  function made(key: string, text: string): string {
    const known = byKey.get(key);
    if (known !== undefined) return records.get(known) ?? '{}';
    const id = `p${records.size + 1}`;
    const record = { id, manager: 'lena', ...JSON.parse(text) };
    records.set(id, JSON.stringify(record));
    byKey.set(key, id);
    const before = byLead.get(record.lead) ?? 0;
    byLead.set(record.lead, before + 1);
    if (before === 0) arrivedAt.push(performance.now());
    return JSON.stringify(record);
  }

  const stop = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };

  return {
    url: `http://127.0.0.1:${port}`,
    answer503() {
      mode = 'out';
    },
    refuse: stop,
    async comeBack() {
      mode = 'ok';
      returnedAt = performance.now();
      server = await listen(port);
    },
    arrived: () => byLead.size,
    figures(acknowledged, waiting) {
      const from = returnedAt ?? 0;
      const ofReturn = arrivedAt.filter((at) => at >= from);
      const since = (at: number | null | undefined) =>
        at === null || at === undefined ? null : Math.round(at - from);
      const lost = acknowledged - byLead.size;
      const steps = Array.from({ length: stepsLooked }, (_, step) => step);
      return {
        acknowledged,
        lost,
        lostShare: acknowledged === 0 ? 0 : Number((lost / acknowledged).toFixed(4)),
        twice: [...byLead.values()].filter((count) => count > 1).length,
        waiting,
        tooSoon,
        requestsWhileOut: whileOut,
        resumedAfterMs: since(resumedAt),
        drainedAfterMs: lost > 0 ? null : since(ofReturn[Math.max(0, waiting - 1)]),
        requestsPerSecondMax: mostInSecond(requestsAt),
        requestsAtOnce: steps.map((step) => mostIn(atOnce, answeredAt ?? 0, step)),
        // Its answer has to arrive and to be written before the first step begins.
        requestsAtOnceAllowed: steps.map((step) => 2 ** (step + 1)),
      };
    },
    close: stop,
  };
}

function mostIn(atOnce: readonly { at: number; count: number }[], from: number, step: number): number {
  const begin = from + step * limits.rampStepMs;
  const counts = atOnce
    .filter(({ at }) => at >= begin && at < begin + limits.rampStepMs)
    .map(({ count }) => count);
  return Math.max(0, ...counts);
}

function mostInSecond(times: readonly number[]): number {
  let most = 0;
  for (let from = 0, to = 0; to < times.length; to += 1) {
    while ((times[to] ?? 0) - (times[from] ?? 0) >= 1_000) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}
