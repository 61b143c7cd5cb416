import { canonical, sha256 } from '../audit/encoding.ts';
import { AppError } from '../errors.ts';
import { compileWorkflow } from './compile.ts';
import type { DestinationParts } from './compile-request.ts';
import { type Diagnostic, formatDiagnostic } from './diagnostics.ts';
import { documentsOf } from './documents.ts';
import { deepFrozen } from './frozen.ts';
import { isMapping, placeOf } from './place.ts';
import { parseSourceFile } from './source-file.ts';
import type { CompiledWorkflow } from './workflow.ts';

/** Everything that a workflow's decisions depend on, and nothing else: no secrets, no addresses, no people's particulars. */
export interface Bundle {
  readonly format: 1;
  /** Path of the workflow file. */
  readonly workflow: string;
  /** The workflow file and the documents that it refers to, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly destinations: Readonly<Record<string, DestinationParts>>;
}

/** Makes the canonical text of a workflow's bundle; its SHA-256 is the workflow's version. */
export function bundleText(parts: Omit<Bundle, 'format'>): string {
  return canonical({ format: 1, ...parts });
}

/** What a bundle is made of, as texts by path; what it takes of signalbox.yaml stands under that name. */
export function bundleParts(bundle: string): Map<string, string> {
  const { files = {}, destinations = {} } = JSON.parse(bundle) as Partial<Bundle>;
  return new Map([...Object.entries(files), ['signalbox.yaml', canonical(destinations)]]);
}

/** The content hash of a bundle: SHA-256, lower-case hex. */
export function versionOf(bundle: string): string {
  return sha256(bundle).toString('hex');
}

/**
 * Compiles a stored version again, without any file. Pure; the same bundle gives the same decisions.
 * Throws AppError('invalid_project') where this program no longer understands it.
 */
export function compileBundle(bundle: string): CompiledWorkflow {
  const version = versionOf(bundle);
  const { workflow, files, destinations } = parseBundle(bundle, version);
  const texts = new Map(Object.entries(files));
  const text = texts.get(workflow) ?? '';
  const file = parseSourceFile(workflow, text);
  const diagnostics: Diagnostic[] = [];
  const compiled = compileWorkflow(placeOf(file, diagnostics), workflow, {
    documents: documentsOf(texts),
    destinations: new Map(Object.entries(destinations)),
    directory: null,
  });
  const first = diagnostics.find(({ severity }) => severity === 'error');
  if (first !== undefined) {
    throw notUnderstood(version, formatDiagnostic(first, text));
  }
  return deepFrozen({ ...compiled, version });
}

/** Reads a bundle that somebody sent. Throws AppError('bad_request') for what is none, or is not written canonically. */
export function readBundle(text: string): Bundle {
  const bundle = bundleIn(text);
  if (bundle !== null) return bundle;
  throw new AppError('bad_request', 'This is no bundle of a workflow as this release writes it.', {
    help: 'Send it with `signalbox deploy`, of the same release as the server.',
  });
}

function bundleIn(text: string): Bundle | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!isMapping(value) || canonical(value) !== text) return null;
    const { format, workflow, files, destinations } = value;
    if (format !== 1 || typeof workflow !== 'string' || !isMapping(files) || !isMapping(destinations))
      return null;
    const texts = Object.entries(files).every(
      ([path, content]) => typeof content === 'string' && path !== 'signalbox.yaml',
    );
    return texts && Object.hasOwn(files, workflow) ? (value as unknown as Bundle) : null;
  } catch {
    return null;
  }
}

function parseBundle(bundle: string, version: string): Bundle {
  const parsed = JSON.parse(bundle) as Bundle;
  if (parsed.format !== 1) throw notUnderstood(version, `its format is ${String(parsed.format)}`);
  return parsed;
}

function notUnderstood(version: string, why: string): AppError {
  return new AppError('invalid_project', `The workflow version ${version} cannot be compiled again: ${why}`, {
    help: 'Run the release of Signalbox that deployed it, or replay its tickets under the version in force',
  });
}
