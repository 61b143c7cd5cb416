// @ts-expect-error: a script for any Node, without types
import { buildConsole } from '../../scripts/console.mjs';

/** Vitest's global set-up: the console that the browser tests open, built where it is not as its source is. */
export default function setup(): void {
  if (buildConsole() !== 0) throw new Error('The console could not be built.');
}
