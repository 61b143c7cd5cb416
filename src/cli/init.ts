import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../errors.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { say, sayJson } from './output.ts';

/** `signalbox init`: a small project that works, in a new folder. */
export function initCommand(root: Command): void {
  addCommand(root, 'init [folder]', {
    summary: 'Writes a small project that works, into a new or empty folder; nothing is ever overwritten',
    examples: [
      ['signalbox init leads', 'makes the folder leads'],
      ['signalbox init', 'uses the current folder'],
    ],
  }).action(async (folder: string | undefined, options: CommonOptions) => {
    const { skeleton, skeletonSteps } = await import('../workflow/skeleton.ts');
    const target = resolve(folder ?? options.project ?? '.');
    const files = await writeNew(target, skeleton(randomBytes(24).toString('base64url')));
    if (options.json) sayJson({ folder: target, files });
    else say(written(target, files, skeletonSteps));
  });
}

/** Writes all files, or none where one of them is there already. */
async function writeNew(target: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  const there = new Set(await readdir(target, { recursive: true }).catch(noFolder));
  const inTheWay = Object.keys(files).find((path) => there.has(path));
  if (inTheWay !== undefined) {
    throw new AppError('conflict', `${join(target, inTheWay)} is there already; nothing was written.`, {
      help: 'Name another folder: `signalbox init FOLDER`.',
    });
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    // `wx`: a file that appeared meanwhile is not overwritten either. A secret is for its owner only.
    const mode = path.startsWith('secrets/') ? 0o600 : 0o666;
    await writeFile(join(target, path), text, { flag: 'wx', mode });
  }
  return Object.keys(files);
}

function noFolder(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  if (error.code === 'ENOTDIR') throw new AppError('conflict', `${error.path} is a file, not a folder.`);
  throw error;
}

function written(target: string, files: readonly string[], steps: readonly string[]): string {
  const folder = relative(process.cwd(), target);
  const enter = folder === '' ? [] : [`cd ${folder}`];
  return [
    `Wrote ${files.length} files into ${target}:`,
    ...files.map((path) => `  ${path}`),
    '',
    'Next:',
    ...[...enter, ...steps].map((step) => `  ${step}`),
  ].join('\n');
}
