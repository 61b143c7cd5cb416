import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves keys, certificates and pages over HTTP on loopback, and counts who asks. */
export interface KeysServer {
  readonly url: string;
  /** What stands at each path; a function answers what was posted. Absent: 404. */
  readonly pages: Map<string, string | ((posted: string) => string)>;
  /** While true it answers 500. */
  isDown: boolean;
  /** Paths that were asked for, in their order. */
  readonly asked: string[];
  /** Answers wait for this. */
  gate: Promise<void>;
  /** Up, unasked, and answering at once. */
  reset(): void;
  close(): Promise<void>;
}

export async function startKeysServer(): Promise<KeysServer> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = request.url ?? '';
    keys.asked.push(path);
    await keys.gate;
    const page = keys.pages.get(path);
    const text = typeof page === 'function' ? page(Buffer.concat(chunks).toString()) : page;
    response.writeHead(keys.isDown ? 500 : text === undefined ? 404 : 200).end(text ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const keys: KeysServer = {
    url: `http://127.0.0.1:${port}`,
    pages: new Map(),
    isDown: false,
    asked: [],
    gate: Promise.resolve(),
    reset() {
      keys.isDown = false;
      keys.gate = Promise.resolve();
      keys.asked.length = 0;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return keys;
}
