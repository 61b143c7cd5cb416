import type { Db } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { findBundle } from './store.ts';
import { compileBundle } from './version.ts';
import type { CompiledWorkflow } from './workflow.ts';

/** Compiles stored versions when they are asked for, and keeps the last limits.workflowVersionsKept of them. */
export function storedWorkflows(db: Db): (version: string) => Promise<CompiledWorkflow | null> {
  const kept = new Map<string, CompiledWorkflow>();
  /** Many ask for the same version at the same time: it is compiled once. */
  const compiling = new Map<string, Promise<CompiledWorkflow | null>>();
  return async (version) => {
    const known = kept.get(version);
    if (known !== undefined) return known;
    const underWay = compiling.get(version);
    if (underWay !== undefined) return await underWay;
    const begun = compileStored(db, version).finally(() => compiling.delete(version));
    compiling.set(version, begun);
    const compiled = await begun;
    // It may be stored, or understood, later.
    if (compiled === null) return null;
    if (kept.size >= limits.workflowVersionsKept) kept.delete(kept.keys().next().value ?? '');
    kept.set(version, compiled);
    return compiled;
  };
}

/** Null where no such version is stored, or this program no longer understands it. */
async function compileStored(db: Db, version: string): Promise<CompiledWorkflow | null> {
  const bundle = await findBundle(db, version);
  if (bundle === null) return null;
  try {
    return compileBundle(bundle);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
