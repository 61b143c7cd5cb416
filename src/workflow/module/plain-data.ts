import { limits } from '../../limits.ts';
import type { Path } from '../source-file.ts';
import { dataText, type Evaluated, type ModuleFault } from './module-file.ts';

/** Makes the text of a module's default export, or says why it is no plain data. Pure. */
export function evaluatedFrom(value: unknown): Evaluated {
  if (value === undefined) return { fault: { ...nothingExported, at: null } };
  const fault = faultIn(value, [], new Set());
  if (fault !== null) return { fault };
  const text = dataText(value);
  return text.length > limits.moduleDataCharsMax ? { fault: { ...tooMuch, at: null } } : { text };
}

const nothingExported = {
  message: 'this file exports no workflow',
  help: 'write `export default defineWorkflow({ … })`; what several workflows share belongs into another folder',
};

const tooMuch = {
  message: `the exported workflow is larger than ${limits.moduleDataCharsMax} characters`,
  help: 'a workflow is some kilobytes: is this the right object?',
};

/** Members that are undefined are left out, as if they were not written. */
function faultIn(value: unknown, path: Path, around: ReadonlySet<unknown>): ModuleFault | null {
  const kind = foreignKind(value, path);
  if (kind !== null) return notPlain(path, kind);
  if (typeof value !== 'object' || value === null) return null;
  if (around.has(value)) return notPlain(path, 'something that it stands in itself');
  const within = new Set([...around, value]);
  const parts = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, part] of parts) {
    if (part === undefined && !Array.isArray(value)) continue;
    const fault = faultIn(part, [...path, key], within);
    if (fault !== null) return fault;
  }
  return null;
}

/** What a value is that a YAML file could not hold; null: it could. */
function foreignKind(value: unknown, path: Path): string | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return null;
    case 'number':
      return Number.isFinite(value) ? null : String(value);
    case 'object':
      break;
    default:
      return value === undefined ? 'nothing' : `a ${typeof value}`;
  }
  if (value === null || Array.isArray(value)) return null;
  // A literal of another realm has no prototype of ours, but one that has none itself.
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain && path.length < limits.bodyDepthMax
    ? null
    : `an instance of ${value.constructor?.name ?? 'a class'}`;
}

function notPlain(path: Path, kind: string): ModuleFault {
  const where = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
  return {
    message: where === '' ? `the default export is ${kind}` : `\`${where}\` is ${kind}`,
    help: 'a workflow is plain data, as in YAML: texts (expressions too), numbers, true and false, lists, objects',
    at: { path },
  };
}
