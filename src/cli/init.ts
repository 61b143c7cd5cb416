import { randomBytes } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../errors.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { say, sayJson } from './output.ts';
import { writeNew } from './write-new.ts';

type Options = CommonOptions & { readonly editor?: true };

/** `signalbox init`: a small project that works, in a new folder. */
export function initCommand(root: Command): void {
  addCommand(root, 'init [folder]', {
    summary: 'Writes a small project that works, into a new or empty folder; nothing is ever overwritten',
    examples: [
      ['signalbox init leads', 'makes the folder leads'],
      ['signalbox init', 'uses the current folder'],
      ['signalbox init --editor', 'in a project: writes the schemas for completion in editors anew'],
    ],
  })
    .option('--editor', 'write only schemas/, as this version of Signalbox has them; these are overwritten')
    .action(async (folder: string | undefined, options: Options) => {
      const target = resolve(folder ?? options.project ?? '.');
      if (options.editor) return await refreshEditorFiles(target, options);
      const { skeleton, skeletonSteps } = await import('../workflow/skeleton.ts');
      const help = 'Name another folder: `signalbox init FOLDER`.';
      const files = await writeNew(target, skeleton(randomBytes(24).toString('base64url')), help);
      if (options.json) sayJson({ folder: target, files });
      else say(written(target, files, skeletonSteps));
    });
}

/** The schemas that the YAML files of a project name in their first line. */
async function refreshEditorFiles(target: string, options: Options): Promise<void> {
  await stat(join(target, 'signalbox.yaml')).catch((cause: unknown) => {
    throw new AppError('not_found', `There is no signalbox.yaml in ${target}.`, {
      help: 'Name the project folder: `signalbox init FOLDER --editor`.',
      cause,
    });
  });
  const { editorFiles } = await import('../workflow/skeleton-editor.ts');
  const files = Object.entries(editorFiles());
  for (const [path, text] of files) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await writeFile(join(target, path), text);
  }
  const paths = files.map(([path]) => path);
  if (options.json) sayJson({ folder: target, files: paths });
  else say(`Wrote ${paths.join(' and ')} into ${target}.`);
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
