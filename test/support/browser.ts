import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

/** How a Chromium is started on this machine. */
export interface FoundBrowser {
  readonly executablePath: string;
  /** What its process needs besides our environment. */
  readonly env: Readonly<Record<string, string>>;
}

const usual = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/snap/bin/chromium',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/microsoft-edge',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
} as Readonly<Record<string, readonly string[]>>;

/** What SIGNALBOX_BROWSER may say instead of a path. */
const packed = 'packed';

/**
 * The first Chromium that starts of: the one that SIGNALBOX_BROWSER or CHROMIUM_PATH names, which is then the only one; the
 * machine's own; the one that the package @sparticuz/chromium brings (`SIGNALBOX_BROWSER=packed`: only that one).
 * Null: there is none for this machine. Throws where there is one and none starts, with what each said.
 */
export async function findBrowser(env: NodeJS.ProcessEnv = process.env): Promise<FoundBrowser | null> {
  const reasons: string[] = [];
  for (const candidate of candidates(env)) {
    try {
      const found = await candidate();
      await (await openBrowser(found)).close();
      return found;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (reasons.length > 0) throw new Error(reasons.join('\n'));
  return null;
}

function candidates(env: NodeJS.ProcessEnv): (() => FoundBrowser | Promise<FoundBrowser>)[] {
  const at = (executablePath: string) => () => ({ executablePath, env: {} });
  const named = env.SIGNALBOX_BROWSER || env.CHROMIUM_PATH;
  if (named && named !== packed) return [at(named)];
  const own = named === packed ? [] : (usual[process.platform]?.filter((path) => existsSync(path)) ?? []);
  const brings = process.platform === 'linux' && process.arch === 'x64';
  return [...own.map(at), ...(brings ? [unpacked] : [])];
}

/** A real Chromium: this one, or the first that starts here. */
export async function openBrowser(given?: FoundBrowser): Promise<Browser> {
  const found = given ?? (await findBrowser());
  if (found === null) throw new Error('There is no Chromium here; name one with SIGNALBOX_BROWSER.');
  return await chromium.launch({
    executablePath: found.executablePath,
    env: { ...process.env, ...found.env },
    // As root and in containers there is no sandbox to be had; what is opened is our own.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-quic'],
  });
}

/**
 * Unpacks what the package brings, once for each of its versions: the browser, a font, and the libraries that a bare machine
 * lacks (NSS, NSPR, expat).
 */
async function unpacked(): Promise<FoundBrowser> {
  const home = dirname(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')));
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string };
  const cache = join(home, '../../.cache');
  const folder = join(cache, `chromium-${version}`);
  if (!existsSync(folder)) await unpackInto(folder, cache);
  const libraries = [join(folder, 'al2023/lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  const env = { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: join(folder, 'fonts.conf') };
  return { executablePath: join(folder, 'chromium'), env };
}

/** The package unpacks into the folder for temporary files, and its libraries only where it thinks itself on Amazon's machines. */
const unpack = `import chromium from '@sparticuz/chromium'; await chromium.executablePath();`;

async function unpackInto(folder: string, cache: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const half = await mkdtemp(`${folder}-`);
  try {
    const env = { ...process.env, TMPDIR: half, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' };
    const args = ['--input-type=module', '--eval', unpack];
    await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, env });
    const folders = [join(folder, 'fonts'), '/usr/share/fonts'].map((path) => `<dir>${path}</dir>`).join('');
    const cached = `<cachedir>${join(folder, 'fonts-cache')}</cachedir>`;
    await writeFile(join(half, 'fonts.conf'), `<fontconfig>${folders}${cached}</fontconfig>\n`);
    // In one step: another run at the same time has all of it, or unpacks its own.
    await rename(half, folder);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
