import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { limits } from '../src/limits.ts';

/** The layout of ARCHITECTURE.md, kept true. */

const root = resolve(import.meta.dirname, '..');
const shellFolders = ['api', 'cli', 'db', 'platform', 'handoff/connectors'];
const shellNames = ['store.ts', 'worker.ts', 'http.ts'];
const shellRoots = ['app.ts', 'main.ts', 'process.ts', 'replay.ts', 'shell.ts', 'sweeper.ts'];
/** Shell folders hold a few pure files that everybody may use. */
const pureInShellFolders = [
  'handoff/connectors/outcome.ts',
  'handoff/connectors/operations.ts',
  'platform/cursor.ts',
  'platform/ids.ts',
  'platform/instant.ts',
  'platform/percent.ts',
  'db/database-error.ts',
  'db/memory.ts',
  'db/schema.ts',
];

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((each) => {
    const path = `${folder}/${each.name}`;
    if (['node_modules', 'dist', '.signalbox', '.git'].includes(each.name)) return [];
    return each.isDirectory() ? filesUnder(path) : [path];
  });
}

const source = filesUnder('src').filter((path) => path.endsWith('.ts'));
const product = source.filter((path) => !path.endsWith('.test.ts'));
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const code = (path: string) => text(path).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

function isShell(path: string): boolean {
  const inside = path.slice('src/'.length);
  if (pureInShellFolders.includes(inside)) return false;
  if (!inside.includes('/')) return shellRoots.includes(inside);
  if (shellFolders.some((folder) => inside.startsWith(`${folder}/`))) return true;
  return shellNames.includes(inside.slice(inside.lastIndexOf('/') + 1));
}

const pure = product.filter((path) => !isShell(path));

describe('pure files stay pure', () => {
  const forbidden: [RegExp, string][] = [
    [/\basync\b|\bawait\b|\bPromise\b/, 'waits for nothing'],
    [/\bDate\.now\(|\bnew Date\(\)|\bperformance\.now/, 'asks no clock'],
    [/\bMath\.random|\brandomBytes\(|\brandomUUID\(|\bgetRandomValues/, 'rolls no dice'],
    [/\bfetch\(|\bsetTimeout\(|\bsetInterval\(|\bprocess\.env/, 'touches nothing outside'],
  ];
  test.each(pure)('%s', (path) => {
    // Texts that are written out, such as the project that `init` makes, are not our code.
    const own = code(path).replaceAll(/`[^`]*`/g, '``');
    for (const [pattern, reason] of forbidden) expect(own, `${path} ${reason}`).not.toMatch(pattern);
    for (const { specifier, typeOnly } of importsOf(path)) {
      if (/^node:(?!crypto$|net$|path$|util$|buffer$|url$|zlib$)/.test(specifier)) {
        expect.fail(`${path} imports ${specifier}`);
      }
      if (!specifier.startsWith('.') || typeOnly) continue;
      const target = relative(root, resolve(root, dirname(path), specifier));
      expect(isShell(target), `${path} imports the shell ${target}`).toBe(false);
    }
  });
});

function importsOf(path: string): { specifier: string; typeOnly: boolean }[] {
  const own = code(path).replaceAll(/`[^`]*`/g, '``');
  const found = own.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm);
  return [...found].map((match) => ({ typeOnly: match[1] !== undefined, specifier: match[2] ?? '' }));
}

test('one folder writes each table', () => {
  const writers = new Map<string, Set<string>>();
  const writes =
    /(?:insertInto\(|updateTable\(|deleteFrom\(|insertRows\(\s*\w+,\s*)'(\w+)'|\b(?:insert\s+into|update|delete\s+from)\s+(\w+)\b/g;
  const tables = new Set(
    [...text('migrations/0001_the_path.sql').matchAll(/create table (\w+)/g)].map((m) => m[1]),
  );
  for (const path of product.filter((each) => !each.startsWith('src/db/'))) {
    for (const match of code(path).matchAll(writes)) {
      const table = match[1] ?? match[2] ?? '';
      if (!tables.has(table)) continue;
      const folder = path.split('/').slice(0, -1).join('/');
      writers.set(table, (writers.get(table) ?? new Set()).add(folder));
    }
  }
  for (const [table, folders] of writers) expect([...folders], `writers of ${table}`).toHaveLength(1);
  expect(writers.size, 'every table has a writer').toBe(tables.size);
});

test('SQL stands in stores', () => {
  const sqlOutside = product.filter(
    (path) =>
      !path.startsWith('src/db/') &&
      !path.endsWith('/store.ts') &&
      path !== 'src/sweeper.ts' &&
      /\bsql`|\.(selectFrom|insertInto|updateTable|deleteFrom)\(/.test(code(path)),
  );
  expect(sqlOutside).toEqual([]);
});

test('no SQL asks the database for the time', () => {
  const asking = product.filter((path) => /\bnow\(\)|current_timestamp|clock_timestamp/i.test(sqlOf(path)));
  expect(asking).toEqual([]);
});

function sqlOf(path: string): string {
  return [...code(path).matchAll(/sql(?:<[^`]*>)?`([^`]*)`/g)].map((match) => match[1]).join('\n');
}

test('files are short enough to read', () => {
  const long = [...source, ...filesUnder('test'), ...filesUnder('examples'), ...filesUnder('bench')]
    .filter((path) => /\.(ts|tsx|mjs)$/.test(path))
    .filter((path) => text(path).split('\n').length > 401);
  expect(long).toEqual([]);
});

test('every limit is named by a test, which holds it to its edge', () => {
  const tests = [...source, ...filesUnder('test'), ...filesUnder('bench')].filter((path) =>
    path.endsWith('.test.ts'),
  );
  const named = new Set(tests.flatMap((path) => code(path).match(/\w+/g) ?? []));
  expect(Object.keys(limits).filter((limit) => !named.has(limit))).toEqual([]);
});

test('every limit is kept to by something', () => {
  const held = new Set(
    product.filter((path) => !path.endsWith('limits.ts')).flatMap((path) => code(path).match(/\w+/g) ?? []),
  );
  expect(Object.keys(limits).filter((limit) => !held.has(limit))).toEqual([]);
});

test('names say what a thing is', () => {
  const vague = /(^|\/)(utils?|helpers?|common|types|services?|managers?|index)(\.ts)?(\/|$)/;
  expect(source.filter((path) => vague.test(path))).toEqual([]);
});

describe('the maps are true', () => {
  test.each(['ARCHITECTURE.md', 'AGENTS.md', 'README.md', 'CONTRIBUTING.md'])(
    'every path that %s names exists',
    (map) => {
      const named = [
        ...text(map).matchAll(/`((?:src|test|docs|migrations|examples|bench|scripts|\.ci)\/[\w./-]*)`/g),
      ];
      const missing = named.map((match) => match[1] ?? '').filter((path) => !exists(path));
      expect(missing).toEqual([]);
    },
  );

  test('every folder of src/ is in ARCHITECTURE.md', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((each) =>
      each.isDirectory(),
    );
    const unnamed = folders
      .map(({ name }) => `src/${name}/`)
      .filter((path) => !text('ARCHITECTURE.md').includes(path));
    expect(unnamed).toEqual([]);
  });
});

function exists(path: string): boolean {
  return statSync(join(root, path), { throwIfNoEntry: false }) !== undefined;
}
