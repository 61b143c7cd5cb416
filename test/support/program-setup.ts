import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin, type Rolldown } from 'vite';
import { programFolder } from './program.ts';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What tests start as processes, and packages of ES modules alone, some hundred files that each start would look for. */
const input = { main: file('../../src/main.ts'), 'crashing-server': file('crashing-server.ts') };
const within = [/^typebox/, /^kysely/, /^@bufbuild\//];

const hourMs = 3_600_000;

/**
 * Vitest's global set-up: `src/` put together into few files, which start in three quarters of the time. The same modules:
 * each is at the address where its source is, and what it starts by that address is the source.
 */
export default async function setup(): Promise<void> {
  const folder = programFolder();
  await mkdir(folder, { recursive: true });
  const made = new Set<string>();
  for (const output of await bundle()) {
    made.add(output.fileName);
    await write(join(folder, output.fileName), output.type === 'chunk' ? output.code : output.source);
  }
  // Another run may be at work with what an earlier state of the source came to.
  for (const name of await readdir(folder)) {
    const { mtimeMs } = await stat(join(folder, name));
    if (!made.has(name) && mtimeMs < Date.now() - hourMs) await rm(join(folder, name), { force: true });
  }
}

async function bundle(): Promise<readonly (Rolldown.OutputChunk | Rolldown.OutputAsset)[]> {
  const names = { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' };
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [atSource],
    ssr: { noExternal: within },
    build: {
      ssr: true,
      write: false,
      target: 'esnext',
      sourcemap: true,
      rolldownOptions: { input, output: names },
    },
  });
  if (!('output' in built)) throw new Error('Vite watches, or has built more than one thing');
  return built.output;
}

const atSource: Plugin = {
  name: 'at-source',
  transform(code, id) {
    if (!code.includes('import.meta.') || id.includes('node_modules')) return null;
    const facts = { url: pathToFileURL(id).href, filename: id, dirname: dirname(id) };
    let changed = code;
    for (const [name, value] of Object.entries(facts)) {
      changed = changed.replaceAll(`import.meta.${name}`, JSON.stringify(value));
    }
    return { code: changed, map: null };
  },
};

/** In one step, and not at all where it is so already. */
async function write(path: string, content: string | Uint8Array): Promise<void> {
  const before = await readFile(path).catch(() => null);
  if (before?.equals(Buffer.from(content))) return;
  await writeFile(`${path}.${process.pid}`, content);
  await rename(`${path}.${process.pid}`, path);
}
