import { createConnection, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/** What one turn of load brought. Answers that came after the time was over count as acknowledged, not as speed. */
export interface LoadResult {
  /** From the first request to the end of the turn, ms. */
  readonly elapsedMs: number;
  /** Answers 202 in that time. */
  readonly accepted: number;
  /** All answers 202. */
  readonly acknowledged: number;
  /** Any other answer, by its status. */
  readonly refused: Readonly<Record<string, number>>;
  /** One a 202 in time, ms, in no order. */
  readonly latencies: readonly number[];
}

/**
 * Keeps `connections` requests under way for a time: each connection sends its next request when it has its answer.
 * Plain sockets, so that the generator, which shares the machine with what it measures, costs as little as can be.
 * Rejects where a connection breaks: nothing of a measurement may be lost unseen.
 */
export async function load(options: {
  readonly port: number;
  readonly connections: number;
  readonly ms: number;
  /** The bytes of the next request. */
  readonly next: () => Buffer;
}): Promise<LoadResult> {
  const { port, connections, ms, next } = options;
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const latencies: number[] = [];
  const refused: Record<string, number> = {};
  let acknowledged = 0;
  const began = performance.now();
  const ends = began + ms;
  const one = async (socket: Socket) => {
    const answers = reader(socket);
    for (let at = performance.now(); at < ends; ) {
      socket.write(next());
      const status = await answers();
      const answered = performance.now();
      if (status === 202) {
        acknowledged += 1;
        if (answered <= ends) latencies.push(answered - at);
      } else {
        refused[status] = (refused[status] ?? 0) + 1;
      }
      at = answered;
    }
    socket.destroy();
  };
  try {
    await Promise.all(sockets.map(one));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  return { elapsedMs: ms, accepted: latencies.length, acknowledged, refused, latencies };
}

async function open(port: number): Promise<Socket> {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('connect', resolve).once('error', reject);
  await promise;
  return socket;
}

/** Resolves with the status of each answer in turn; answers carry a content-length. */
function reader(socket: Socket): () => Promise<number> {
  let waiting: PromiseWithResolvers<number> | null = null;
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1];
    if (length === undefined) return fail(new Error(`an answer without a length: ${text.slice(0, end)}`));
    if (text.length < end + 4 + Number(length)) return;
    const status = Number(text.slice(9, 12));
    text = '';
    waiting?.resolve(status);
  });
  const fail = (error: Error) => waiting?.reject(error);
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed a connection under load')));
  return () => {
    waiting = Promise.withResolvers<number>();
    return waiting.promise;
  };
}
