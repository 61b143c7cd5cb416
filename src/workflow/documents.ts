import { posix } from 'node:path';
import { parse } from 'yaml';
import { isMapping } from './place.ts';

/** A JSON or YAML file that a workflow refers to: a contract, an OpenAPI document. */
type ReferencedDocument = { readonly value: unknown } | { readonly problem: string };

/** The files of a project by path, parsed once each. */
export interface Documents {
  read(path: string): ReferencedDocument;
}

export function documentsOf(files: ReadonlyMap<string, string>): Documents {
  const parsed = new Map<string, ReferencedDocument>();
  return {
    read(path) {
      const known = parsed.get(path) ?? parseText(path, files.get(path));
      parsed.set(path, known);
      return known;
    },
  };
}

/** Documents that remember which of them were asked for: exactly those belong to a workflow's version. */
export function recordingDocuments(documents: Documents, asked: Set<string>): Documents {
  return {
    read(path) {
      asked.add(path);
      return documents.read(path);
    },
  };
}

/** A path in the project folder from one written in a file of it; null where it leads out of the folder. */
export function projectPath(file: string, written: string): string | null {
  if (written === '' || written.includes('\\') || written.includes('\0') || posix.isAbsolute(written))
    return null;
  const path = posix.join(posix.dirname(file), written);
  return path === '..' || path.startsWith('../') ? null : path;
}

/** Splits `crm.openapi.yaml#/components/schemas/Lead` into its path and its fragment ('' without one). */
export function splitFragment(reference: string): { readonly path: string; readonly fragment: string } {
  const hash = reference.indexOf('#');
  return hash === -1
    ? { path: reference, fragment: '' }
    : { path: reference.slice(0, hash), fragment: reference.slice(hash + 1) };
}

function parseText(path: string, text: string | undefined): ReferencedDocument {
  if (text === undefined) return { problem: 'there is no such file' };
  try {
    const value: unknown = /\.ya?ml$/.test(path)
      ? // `<<: *base` is of YAML 1.1, and API documents are written with it.
        parse(text, {
          prettyErrors: true,
          stringKeys: true,
          merge: true,
          maxAliasCount: 100,
          logLevel: 'error',
        })
      : JSON.parse(text);
    return isMapping(value) || typeof value === 'boolean'
      ? { value }
      : { problem: 'it holds no JSON object' };
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { problem: `it cannot be read: ${line.replace(/:$/, '')}` };
  }
}
