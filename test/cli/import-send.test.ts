import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createSender } from '../../src/cli/import-send.ts';

/** One row, sent to a server that has no patience left. */

let close: () => void = () => {};
afterEach(() => close());

async function sentTo(statuses: readonly number[]) {
  let asked = 0;
  const server = createServer((_, response) => {
    const status = statuses[asked] ?? 202;
    asked += 1;
    const body = JSON.stringify({ detail: 'said', state: 'handoff', decision: { kind: 'routed' } });
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => void server.close();
  const { port } = server.address() as AddressInfo;
  const address = { url: `http://127.0.0.1:${port}`, key: 'key' } as never;
  const sender = createSender({ address, actor: undefined, source: 'form', dryRun: false, patienceMs: 0 });
  const row = { line: 1, raw: Buffer.from('{}'), body: '{}', problem: null };
  return await sender.send(row).then(
    ({ kind }) => kind,
    () => 'given up',
  );
}

test.each<[statuses: number[], end: string, reason: string]>([
  [[429, 429, 429], 'taken', 'a source with a slow rate says that it is there each time'],
  [[409, 409], 'taken', 'the same row is under way'],
  [[503], 'given up', 'as long as nobody but a proxy may have answered, patience runs'],
  [[422], 'refused', 'the row itself'],
])('answered %j: %s, %s', async (statuses, end) => {
  expect(await sentTo(statuses)).toBe(end);
});
