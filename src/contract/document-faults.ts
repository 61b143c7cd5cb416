import { embeddedSchema, escapeToken, pointerOf, resolvePointer } from './pointer.ts';
import { isObject, type Members } from './subschemas.ts';

/** Where a document is not as its own standard demands. */
interface DocumentFault {
  /** JSON pointer of the place. */
  readonly pointer: string;
  readonly message: string;
}

/**
 * What is wrong with an OpenAPI or Swagger document as a whole, in its order: particulars of the wrong type, what is
 * missing, `$ref`s that lead nowhere, operationIds that stand twice. Another document has none. Pure.
 */
export function documentFaults(document: unknown): readonly DocumentFault[] {
  if (!isObject(document)) return [];
  const marker = ['openapi', 'swagger'].find((key) => Object.hasOwn(document, key));
  if (marker === undefined) return [];
  return [...headFaults(document, marker), ...danglingReferences(document), ...repeatedOperations(document)];
}

function headFaults(document: Members, marker: string): DocumentFault[] {
  const { info, paths } = document;
  const version = String(document[marker]);
  const needsPaths = !/^3\.[1-9]/.test(version);
  return [
    ...textFault(document, '', marker),
    ...(isObject(info)
      ? ['title', 'version'].flatMap((key) => textFault(info, '/info', key))
      : [{ pointer: '', message: '`info` is missing' }]),
    ...(needsPaths && !isObject(paths) ? [{ pointer: '', message: '`paths` is missing' }] : []),
  ];
}

function textFault(parent: Members, at: string, key: string): DocumentFault[] {
  const value = parent[key];
  if (typeof value === 'string') return [];
  if (value === undefined) return [{ pointer: at, message: `\`${key}\` is missing` }];
  const kind = Array.isArray(value)
    ? 'a list'
    : value === null
      ? 'empty'
      : `the ${typeof value} ${String(value)}`;
  return [{ pointer: `${at}/${key}`, message: `\`${key}\` must be a text, and is ${kind}` }];
}

/** Under these stands data, in which a `$ref` is a word like any other. */
const data = new Set(['example', 'examples', 'default', 'enum', 'const', 'value']);
/** Under these stand names of one's own, `example` and `$ref` among them. */
const named = new Set(['properties', 'patternProperties', 'schemas', 'definitions', '$defs']);

/** Deeper than this no schema is used. */
const depthMax = 300;

function danglingReferences(document: Members): DocumentFault[] {
  const faults: DocumentFault[] = [];
  const walk = (value: unknown, pointer: string, areNames: boolean, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > depthMax) return;
    for (const [key, part] of Object.entries(value)) {
      const at = `${pointer}/${escapeToken(key)}`;
      if (areNames || Array.isArray(value)) walk(part, at, false, depth + 1);
      else if (key === '$ref' && typeof part === 'string') faults.push(...referenceFault(document, part, at));
      else if (!data.has(key) && !key.startsWith('x-')) walk(part, at, named.has(key), depth + 1);
    }
  };
  walk(document, '', false, 0);
  return faults;
}

function referenceFault(document: Members, ref: string, pointer: string): DocumentFault[] {
  const target = ref.startsWith('#/') ? pointerOf(ref) : embeddedSchema(document, ref);
  if (ref === '#' || (target !== null && resolvePointer(document, target) !== undefined)) return [];
  const where = ref.startsWith('#') ? 'leads nowhere' : 'leads to another document';
  return [{ pointer, message: `\`$ref: ${ref}\` ${where}` }];
}

function repeatedOperations({ paths }: Members): DocumentFault[] {
  const seen = new Set<string>();
  const faults: DocumentFault[] = [];
  for (const [path, item] of Object.entries(isObject(paths) ? paths : {})) {
    for (const [method, operation] of Object.entries(isObject(item) ? item : {})) {
      const id = isObject(operation) ? operation.operationId : undefined;
      if (typeof id !== 'string') continue;
      if (seen.has(id)) {
        const pointer = `/paths/${escapeToken(path)}/${method}/operationId`;
        faults.push({ pointer, message: `there are two operations with the operationId \`${id}\`` });
      }
      seen.add(id);
    }
  }
  return faults;
}
