import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** How the target behaves towards the next requests. */
export type Misbehaviour =
  | 'ok'
  /** Stores, but without the field `type`. */
  | 'drop_field'
  /** Answers 201 and stores nothing. */
  | 'store_nothing'
  /** Stores, then answers 500. */
  | 'fail_after_storing'
  /** Answers 503 and stores nothing. */
  | 'fail'
  /** Never answers. */
  | 'hang'
  /** Breaks the connection when the request has come. */
  | 'reset'
  /** 429 with Retry-After. */
  | 'too_many'
  | 'unauthorized'
  | 'invalid'
  /** An answer of 2 MiB. */
  | 'huge'
  /** 307 to the metadata address of clouds. */
  | 'redirect'
  /** 201 with something that is not JSON. */
  | 'not_json'
  /** Makes and shows records, and deletes none. */
  | 'keeps_all';

export interface Target {
  readonly url: string;
  readonly port: number;
  behave(as: Misbehaviour): void;
  /** Answers a reading so late from now on. */
  readIn(ms: number): void;
  /** Waits for this between making a record and answering, from now on. */
  onRecord(run: () => Promise<unknown>): void;
  /** Stops listening; connections are refused. */
  down(): Promise<void>;
  /** Listens again, at the same port. */
  up(): Promise<void>;
  /** Effects: how often a record was made, by idempotency key. A repeated key makes none. */
  readonly effects: ReadonlyMap<string, number>;
  /** Requests that made, or were to make, something: method, path, key and headers. */
  readonly requests: readonly {
    readonly path: string;
    readonly key: string;
    readonly headers: IncomingMessage['headers'];
  }[];
  readonly records: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Paths that were asked to be deleted, in their order; what is there is. */
  readonly deleted: readonly string[];
  /** Resolves when the next request has come in. */
  nextRequest(): Promise<void>;
  close(): Promise<void>;
}

/** A real HTTP target: `POST /records` makes a record, once for each Idempotency-Key; `GET /records/{id}` reads it, `DELETE /records/{id}` takes it away. */
export async function startTarget(): Promise<Target> {
  let mode: Misbehaviour = 'ok';
  let readMs = 0;
  let recorded: () => Promise<unknown> = async () => {};
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const effects = new Map<string, number>();
  const byKey = new Map<string, string>();
  const records = new Map<string, Record<string, unknown>>();
  const requests: { path: string; key: string; headers: IncomingMessage['headers'] }[] = [];
  const deleted: string[] = [];
  let made = 0;
  let announce: (() => void)[] = [];

  async function listen(at: number): Promise<Server> {
    const made = createServer((request, response) => void handle(request, response));
    await new Promise<void>((resolve, reject) => {
      made.once('error', reject);
      made.listen(at, '127.0.0.1', resolve);
    });
    return made;
  }

  function store(key: string, body: Record<string, unknown>): string {
    const known = byKey.get(key);
    if (known !== undefined) return known;
    made += 1;
    const id = `rec-${made}`;
    const { type, ...rest } = body;
    records.set(id, { id, ...(mode === 'drop_field' ? rest : { ...rest, type }) });
    byKey.set(key, id);
    effects.set(key, (effects.get(key) ?? 0) + 1);
    return id;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const waiting = announce;
    announce = [];
    for (const tell of waiting) tell();
    const path = request.url ?? '/';
    if (request.method === 'DELETE') {
      if (mode === 'keeps_all') return answer(response, 409, { error: 'it is archived' });
      deleted.push(path);
      response.writeHead(records.delete(path.split('/').at(-1) ?? '') ? 204 : 404).end();
      return;
    }
    if (request.method === 'GET') {
      const record = records.get(path.split('/').at(-1) ?? '');
      if (readMs > 0) await wait(readMs);
      return answer(response, record ? 200 : 404, record ?? { error: 'no such record' });
    }
    const key = String(request.headers['idempotency-key'] ?? '');
    requests.push({ path, key, headers: request.headers });
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
    switch (mode) {
      case 'ok':
      case 'keeps_all':
      case 'drop_field': {
        const id = store(key, body);
        await recorded();
        return answer(response, 201, { id, ...body });
      }
      case 'store_nothing':
        return answer(response, 201, { id: 'rec-none', ...body });
      case 'fail_after_storing':
        store(key, body);
        return answer(response, 500, { error: 'after storing' });
      case 'fail':
        return answer(response, 503, { error: 'busy' }, { 'retry-after': '2' });
      case 'hang':
        return;
      case 'reset':
        request.socket.destroy();
        return;
      case 'too_many':
        return answer(response, 429, { error: 'slow down' }, { 'retry-after': '7' });
      case 'unauthorized':
        return answer(response, 401, { error: 'bad token' });
      case 'invalid':
        return answer(response, 422, { error: 'name is too long' });
      case 'huge':
        store(key, body);
        return answer(response, 201, { id: 'x', filler: 'x'.repeat(2_097_152) });
      case 'redirect':
        return answer(response, 307, {}, { location: 'http://169.254.169.254/latest/meta-data/' });
      case 'not_json':
        response.writeHead(201, { 'content-type': 'text/html' }).end('<p>made</p>');
    }
  }

  const stop = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    behave: (as) => {
      mode = as;
    },
    down: stop,
    onRecord: (run) => {
      recorded = run;
    },
    readIn: (ms) => {
      readMs = ms;
    },
    async up() {
      server = await listen(port);
    },
    effects,
    requests,
    records,
    deleted,
    nextRequest: () => new Promise((resolve) => announce.push(resolve)),
    close: stop,
  };
}

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
