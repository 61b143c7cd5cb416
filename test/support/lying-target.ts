import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** How the target treats the requests that come next. */
export type Lie =
  | 'honest'
  /** Stores without `type`. */
  | 'drops_a_field'
  /** Stores `type` in capitals. */
  | 'changes_case'
  /** Answers 201, stores when it has been read twice. */
  | 'stores_late'
  /** Answers 201 and stores nothing. */
  | 'stores_nothing'
  | 'stores_and_answers_500'
  /** Knows no key: each request is another record. */
  | 'knows_no_key'
  /** The same, and answers 500 once. */
  | 'knows_no_key_and_answers_500'
  /** Stores, and says nothing. */
  | 'hangs_before_headers'
  /** Stores, and says half of it. */
  | 'hangs_in_the_body'
  /** Stores, and breaks the connection. */
  | 'resets'
  /** 429 three times, each with Retry-After, then honest. */
  | 'storm_of_429'
  | 'redirects_to_metadata'
  | 'redirects_to_localhost'
  | 'huge_body'
  /** 201 and a page for people. */
  | 'wrong_content_type'
  /** 201, JSON that is no record. */
  | 'other_json';

export interface LyingTarget {
  readonly url: string;
  lie(as: Lie): void;
  /** Records by id. */
  readonly records: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Requests to make something, by whatever path they came. */
  readonly posts: number;
  /** Whatever came to an address that only a redirect names. */
  readonly followed: number;
  close(): Promise<void>;
}

export type Certificate = 'sound' | 'wrong-host' | 'expired' | 'self-signed';

const certificate = (name: string) =>
  readFileSync(new URL(`certificates/${name}.pem`, import.meta.url), 'utf8');
export const testAuthority = certificate('ca');
export const serverKey = readFileSync(new URL('certificates/server.key', import.meta.url), 'utf8');
export const serverCertificate = (name: Certificate) => certificate(name);

/**
 * A real HTTP server that lies as it is told: `POST /records` makes a record, once for each key where it knows keys;
 * `GET /records/{id}` reads one, `GET /records?key=…` finds it by the key it was sent with.
 */
export async function startLyingTarget(tls?: Certificate): Promise<LyingTarget> {
  let mode: Lie = 'honest';
  let posts = 0;
  let followed = 0;
  let refusals = 0;
  let readings = 0;
  const records = new Map<string, Record<string, unknown>>();
  const late = new Map<string, Record<string, unknown>>();

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await bodyOf(request);
    const url = new URL(request.url ?? '/', 'http://target');
    if (url.pathname === '/elsewhere') followed += 1;
    else if (request.method === 'GET') read(url, response);
    else make(JSON.parse(text || '{}'), String(request.headers['idempotency-key'] ?? ''), response);
  };

  function read(url: URL, response: ServerResponse): void {
    readings += 1;
    const key = url.searchParams.get('key');
    if (key !== null) {
      const items = [...records.values()].filter((record) => record.key === key);
      answer(response, 200, { items });
      return;
    }
    const id = url.pathname.split('/').at(-1) ?? '';
    const waiting = late.get(id);
    if (waiting !== undefined && readings > 2) records.set(id, waiting);
    const record = records.get(id);
    answer(response, record === undefined ? 404 : 200, record ?? { error: 'no such record' });
  }

  function store(body: Record<string, unknown>, key: string): Record<string, unknown> {
    const known = mode.startsWith('knows_no_key')
      ? undefined
      : [...records.values()].find((each) => each.key === key);
    if (known !== undefined) return known;
    const record: Record<string, unknown> = { ...body, id: `rec-${records.size + late.size + 1}`, key };
    if (mode === 'drops_a_field') delete record.type;
    if (mode === 'changes_case') record.type = String(record.type).toUpperCase();
    (mode === 'stores_late' ? late : records).set(String(record.id), record);
    return record;
  }

  function make(body: Record<string, unknown>, key: string, response: ServerResponse): void {
    posts += 1;
    switch (mode) {
      case 'honest':
      case 'knows_no_key':
      case 'drops_a_field':
      case 'changes_case':
      case 'stores_late':
        answer(response, 201, { ...body, id: store(body, key).id });
        return;
      case 'stores_nothing':
        answer(response, 201, { ...body, id: 'rec-none' });
        return;
      case 'stores_and_answers_500':
      case 'knows_no_key_and_answers_500':
        store(body, key);
        answer(response, 500, { error: 'after storing' });
        return;
      case 'hangs_before_headers':
        store(body, key);
        return;
      case 'hangs_in_the_body':
        store(body, key);
        response
          .writeHead(201, { 'content-type': 'application/json', 'content-length': '100' })
          .write('{"id":');
        return;
      case 'resets':
        store(body, key);
        response.socket?.destroy();
        return;
      case 'storm_of_429':
        refusals += 1;
        if (refusals <= 3) answer(response, 429, { error: 'slow down' }, { 'retry-after': '60' });
        else answer(response, 201, { ...body, id: store(body, key).id });
        return;
      case 'redirects_to_metadata':
        answer(response, 307, {}, { location: 'http://169.254.169.254/latest/meta-data/' });
        return;
      case 'redirects_to_localhost':
        answer(response, 307, {}, { location: `http://localhost:${port}/elsewhere` });
        return;
      case 'huge_body':
        store(body, key);
        answer(response, 201, { id: 'x', filler: 'x'.repeat(2_097_152) });
        return;
      case 'wrong_content_type':
        response.writeHead(201, { 'content-type': 'text/html' }).end('<p>made</p>');
        return;
      case 'other_json':
        answer(response, 201, ['done']);
        return;
    }
  }

  const listener: RequestListener = (request, response) => void handle(request, response);
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer({ key: serverKey, cert: certificate(tls) }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http${tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
    lie(as) {
      mode = as;
      refusals = 0;
    },
    records,
    get posts() {
      return posts;
    },
    get followed() {
      return followed;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
