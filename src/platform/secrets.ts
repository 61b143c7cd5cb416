import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '../errors.ts';
import type { SecretRef } from '../workflow/project.ts';

/**
 * Reads the values of a secret, the one in use first: several, one a line, while it rotates. A key in PEM keeps its lines.
 * A file's path is relative to `root`, the project's folder. Throws AppError('invalid_project') where it is unset,
 * unreadable or empty: the message names the place, never the value.
 */
export function readSecret(
  ref: SecretRef,
  env: Readonly<Record<string, string | undefined>>,
  root: string,
): string[] {
  const text = 'env' in ref ? (env[ref.env] ?? '') : readFile(resolve(root, ref.file));
  const values = (text.match(value) ?? []).map((each) => each.trim()).filter((each) => each !== '');
  if (values.length > 0) return values;
  throw 'env' in ref
    ? new AppError('invalid_project', `The environment variable ${ref.env} is not set`, {
        help: `Set ${ref.env} before starting, or name a file instead: { file: path }`,
      })
    : new AppError('invalid_project', `The secret file ${ref.file} is empty`, {
        help: 'Write the secret into it, one value a line',
      });
}

/** A line, or the lines of a key in PEM. */
const value = /-----BEGIN [^-]+-----[^-]+-----END [^-]+-----|[^\n]+/g;

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('invalid_project', `The secret file ${path} cannot be read`, {
      help: 'Create it, readable by the user that runs Signalbox',
      cause: error,
    });
  }
}
