import { connect } from 'node:net';

export interface Exchange {
  /** The first status that came; `closed` where none did; `hang`: nothing for too long. */
  readonly status: string;
  /** What should not be; null: nothing. */
  readonly wrong: string | null;
}

/** Longer than the server takes for anything that a sender has completed. */
const hangMs = 20_000;

/** Then a sender that has had no answer ends its side: what it has sent is all that comes. */
const patienceMs = 500;

/** Sends bytes over a connection of its own and reads until the server ends it. Whatever it was sent, it must end it. */
export async function exchange(url: string, bytes: Uint8Array): Promise<Exchange> {
  const { hostname, port } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  let got = '';
  const hang = setTimeout(() => {
    socket.destroy();
    resolve({ status: 'hang', wrong: `nothing for ${hangMs} ms after ${JSON.stringify(got.slice(0, 80))}` });
  }, hangMs);
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    if (got.length < 100_000) got += text;
  });
  const noMore = setTimeout(() => socket.end(), patienceMs);
  const end = () => {
    clearTimeout(hang);
    clearTimeout(noMore);
    socket.destroy();
    resolve(judge(got));
  };
  socket.on('end', end).on('error', end).on('close', end);
  socket.write(bytes);
  return await promise;
}

/** Several requests may have been in it: each answer is looked at. */
function judge(got: string): Exchange {
  const statuses = [...got.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => match[1] ?? '');
  const wrong = statuses.find((status) => status.startsWith('5') && status !== '503');
  return {
    status: statuses[0] ?? 'closed',
    wrong: wrong === undefined ? null : `answered ${wrong}`,
  };
}
