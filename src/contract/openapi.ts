import { suggest } from '../workflow/suggest.ts';
import type { Contract } from './contract.ts';
import { ContractError } from './contract-error.ts';
import { escapeToken, pointerOf, resolvePointer } from './pointer.ts';
import { compileContract } from './schema.ts';

/** One operation of an OpenAPI document, as far as a handoff needs it. */
export interface ApiOperation {
  /** `POST`. */
  readonly method: string;
  /** `/projects/{id}`. */
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required: boolean;
  }[];
  /** Of the JSON body; null where the document says nothing of one. */
  readonly requestContract: Contract | null;
  /** Of the first 2xx answer's JSON body; null where the document says nothing of one. */
  readonly responseContract: Contract | null;
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];

type Members = Readonly<Record<string, unknown>>;

/**
 * Finds an operation in an OpenAPI 3.1, 3.0 or Swagger 2.0 document by its operationId or as `POST /projects`, and
 * compiles its contracts. Pure. Throws ContractError where there is no such operation, naming the closest.
 */
export function openapiOperation(document: unknown, operation: string): ApiOperation {
  const all = operationsOf(document);
  const found = all.find(({ id, label }) => id === operation || label === operation);
  if (found === undefined) throw unknownOperation(operation, all);
  const { method, path, pointer } = found;
  const read = reader(document);
  const contractAt = (at: string | null, part: string, direction: 'request' | 'response') =>
    at === null ? null : compileContract({ document, pointer: at, name: `${operation} ${part}`, direction });
  return {
    method: method.toUpperCase(),
    path,
    parameters: parametersOf(read, pointer),
    requestContract: contractAt(requestSchema(read, pointer), 'request', 'request'),
    responseContract: contractAt(responseSchema(read, pointer), 'response', 'response'),
  };
}

interface Located {
  readonly id: string | null;
  readonly label: string;
  readonly method: string;
  readonly path: string;
  readonly pointer: string;
}

function operationsOf(document: unknown): readonly Located[] {
  const read = reader(document);
  return Object.keys(membersOf(resolvePointer(document, '/paths'))).flatMap((path) => {
    const { value, pointer } = read(`/paths/${escapeToken(path)}`);
    return methods
      .filter((method) => Object.hasOwn(value, method))
      .map((method) => {
        const { operationId } = membersOf(value[method]);
        const id = typeof operationId === 'string' ? operationId : null;
        return {
          id,
          label: `${method.toUpperCase()} ${path}`,
          method,
          path,
          pointer: `${pointer}/${method}`,
        };
      });
  });
}

function unknownOperation(operation: string, all: readonly Located[]): ContractError {
  const names = all.flatMap(({ id, label }) => (id === null ? [label] : [id, label]));
  const meant = suggest(operation, names);
  const shown = all.slice(0, 8).map(({ id, label }) => id ?? label);
  const list = shown.join(', ') + (all.length > shown.length ? ', …' : '');
  const help =
    meant === null
      ? all.length === 0
        ? 'it has none at all'
        : `it has ${list}`
      : `did you mean \`${meant}\`?`;
  return new ContractError(`The document has no operation \`${operation}\`: ${help}`, '/paths');
}

/** Looks at a part of the document, following a `$ref` that stands in its place. */
type Reader = (pointer: string) => { readonly value: Members; readonly pointer: string };

/** A `$ref` may lead to another; so many may follow each other. */
const referencesMax = 20;

function reader(document: unknown): Reader {
  return (start) => {
    let pointer = start;
    for (let count = 0; count < referencesMax; count += 1) {
      const value = membersOf(resolvePointer(document, pointer));
      if (typeof value.$ref !== 'string') return { value, pointer };
      const target = pointerOf(value.$ref);
      if (target === null || resolvePointer(document, target) === undefined) {
        throw new ContractError(`$ref ${value.$ref} leads nowhere in this document`, pointer);
      }
      pointer = target;
    }
    throw new ContractError('$refs lead in a circle', start);
  };
}

function parametersOf(read: Reader, operation: string): ApiOperation['parameters'] {
  const byKey = new Map<string, ApiOperation['parameters'][number]>();
  // What the operation says stands over what its path says.
  for (const owner of [operation.slice(0, operation.lastIndexOf('/')), operation]) {
    const { parameters } = read(owner).value;
    if (!Array.isArray(parameters)) continue;
    for (const index of parameters.keys()) {
      const { name, in: where, required } = read(`${owner}/parameters/${index}`).value;
      if (typeof name !== 'string' || !(where === 'path' || where === 'query' || where === 'header'))
        continue;
      byKey.set(`${where} ${name}`, { name, in: where, required: required === true });
    }
  }
  return [...byKey.values()];
}

function requestSchema(read: Reader, operation: string): string | null {
  const { value } = read(operation);
  if (Object.hasOwn(value, 'requestBody')) return jsonSchema(read, read(`${operation}/requestBody`).pointer);
  // Swagger 2.0 has the body among the parameters.
  const { parameters } = value;
  if (!Array.isArray(parameters)) return null;
  for (const index of parameters.keys()) {
    const { value: parameter, pointer } = read(`${operation}/parameters/${index}`);
    if (parameter.in === 'body' && Object.hasOwn(parameter, 'schema')) return `${pointer}/schema`;
  }
  return null;
}

function responseSchema(read: Reader, operation: string): string | null {
  const responses = read(`${operation}/responses`);
  const [status] = Object.keys(responses.value)
    .filter((each) => /^2(\d\d|XX)$/i.test(each))
    .sort();
  if (status === undefined) return null;
  const { value, pointer } = read(`${responses.pointer}/${status}`);
  return Object.hasOwn(value, 'content') ? jsonSchema(read, pointer) : schemaAt(value, pointer);
}

/** The schema of the JSON form under `content`. */
function jsonSchema(read: Reader, pointer: string): string | null {
  const content = read(`${pointer}/content`);
  const type = Object.keys(content.value).find((each) =>
    /^(application\/json|[^;]+\+json|\*\/\*)\s*(;|$)/i.test(each),
  );
  if (type === undefined) return null;
  const media = read(`${content.pointer}/${escapeToken(type)}`);
  return schemaAt(media.value, media.pointer);
}

function schemaAt(value: Members, pointer: string): string | null {
  return Object.hasOwn(value, 'schema') ? `${pointer}/schema` : null;
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}
