import { readFileSync } from 'node:fs';

/** This program's version. The same relative place from `src/platform` and from `dist/platform`. */
export const version: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;
