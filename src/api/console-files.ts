import { hash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** A file of the console as it is sent. */
export interface ConsoleFile {
  readonly type: string;
  readonly body: Buffer;
  /** Null: it would not be smaller. */
  readonly gzip: Buffer | null;
  readonly etag: string;
  /** Its name changes with its content. */
  readonly immutable: boolean;
}

/** Where the build leaves it: in the repository, and in the published package. */
const folders = ['../../console/dist', '../../dist/console'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/**
 * The console's files by their path (`/assets/x.js`), read once and again when it was built anew; null: it is not built.
 * Nothing else can be asked for: a path that is not among them is no file.
 */
export function createConsoleFiles(
  candidates: readonly string[] = folders,
): () => Map<string, ConsoleFile> | null {
  let read: { readonly stamp: string; readonly files: Map<string, ConsoleFile> } | null = null;
  return () => {
    for (const folder of candidates) {
      const index = statSync(join(folder, 'index.html'), { throwIfNoEntry: false });
      if (index === undefined) continue;
      const stamp = `${folder} ${index.mtimeMs} ${index.size}`;
      if (read?.stamp !== stamp) read = { stamp, files: readFolder(folder) };
      return read.files;
    }
    return null;
  };
}

function readFolder(folder: string): Map<string, ConsoleFile> {
  const entries: Dirent[] = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.map'));
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = `/${relative(folder, path).split(sep).join('/')}`;
      return [name, fileAt(path, name)];
    }),
  );
}

function fileAt(path: string, name: string): ConsoleFile {
  const body = readFileSync(path);
  const type = typesByEnding[extname(path)] ?? 'application/octet-stream';
  const gzip = /^(text|application\/(javascript|json|manifest)|image\/svg)/.test(type)
    ? gzipSync(body)
    : null;
  return {
    type,
    body,
    gzip: gzip !== null && gzip.length < body.length ? gzip : null,
    etag: `"${hash('sha256', body, 'base64url').slice(0, 22)}"`,
    immutable: name.startsWith('/assets/'),
  };
}

const typesByEnding: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};
