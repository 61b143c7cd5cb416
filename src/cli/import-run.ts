import type { Row } from './import-rows.ts';
import type { Sent } from './import-send.ts';

export interface Settled {
  readonly row: Row;
  readonly sent: Sent;
}

/**
 * Sends rows, at most `concurrency` at once, and yields what became of them in the order of the file: what was yielded
 * is a prefix of it. Rows are read only as they are needed, so that a file of any size takes no more memory. Where one
 * cannot be sent, those before it are still yielded, and then its error is thrown. `stop`: no further row is begun.
 */
export async function* settleRows(
  rows: AsyncIterable<Row>,
  send: (row: Row) => Promise<Sent>,
  { concurrency, stop }: { readonly concurrency: number; readonly stop: AbortSignal },
): AsyncGenerator<Settled> {
  const underway: Underway[] = [];
  const busy = new Set<Promise<unknown>>();
  try {
    for await (const row of rows) {
      if (stop.aborted) break;
      const begun = begin(row, send);
      underway.push(begun);
      const done: Promise<unknown> = begun.settled.catch(() => {}).then(() => busy.delete(done));
      busy.add(done);
      if (busy.size >= concurrency) await Promise.race(busy);
      // The first may take long while those behind it go on; not without end.
      while (underway[0]?.isSettled() || underway.length >= concurrency * aheadFactor) {
        yield await first(underway);
      }
    }
    while (underway.length > 0) yield await first(underway);
  } finally {
    // What is under way elsewhere may still be committed; nobody asks any more.
    await Promise.allSettled(underway.map(({ settled }) => settled));
  }
}

const aheadFactor = 16;

interface Underway {
  readonly settled: Promise<Settled>;
  readonly isSettled: () => boolean;
}

function begin(row: Row, send: (row: Row) => Promise<Sent>): Underway {
  let isSettled = false;
  const sent =
    row.problem === null ? send(row) : Promise.resolve<Sent>({ kind: 'refused', reason: row.problem });
  const settled = sent
    .then((end) => ({ row, sent: end }))
    .finally(() => {
      isSettled = true;
    });
  return { settled, isSettled: () => isSettled };
}

async function first(underway: Underway[]): Promise<Settled> {
  return await (underway.shift() as Underway).settled;
}
