import type { BenchDatabase } from './database.ts';

/** Makes `count` more tickets on the server itself; placeholder. */
export async function prefill(
  _name: 'ours' | 'baseline',
  _count: number,
  _database: BenchDatabase,
  _tell: (line: string) => void,
): Promise<void> {}
