import { canonical, sha256 } from '../audit/encoding.ts';
import { AppError } from '../errors.ts';
import { compileWorkflow } from './compile.ts';
import type { DestinationParts } from './compile-request.ts';
import { type Diagnostic, formatDiagnostic } from './diagnostics.ts';
import { documentsOf } from './documents.ts';
import { deepFrozen } from './frozen.ts';
import { placeOf } from './place.ts';
import { parseSourceFile } from './source-file.ts';
import type { CompiledWorkflow } from './workflow.ts';

/** Everything that a workflow's decisions depend on, and nothing else: no secrets, no addresses, no people's particulars. */
interface Bundle {
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
  const [first] = diagnostics;
  if (first !== undefined) {
    throw notUnderstood(version, formatDiagnostic(first, text));
  }
  return deepFrozen({ ...compiled, version });
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
