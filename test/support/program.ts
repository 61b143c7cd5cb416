import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where `program-setup.ts` leaves the program as Vitest's tests start it. */
export function programFolder(): string {
  return file('../../node_modules/.cache/program');
}

/** A script to start with Node: from its source; within Vitest, as `program-setup.ts` has put it together. */
export function programFile(name: 'main' | 'crashing-server'): string {
  if (process.env.VITEST !== undefined) return join(programFolder(), `${name}.mjs`);
  return file(name === 'main' ? '../../src/main.ts' : 'crashing-server.ts');
}
