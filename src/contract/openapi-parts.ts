import { suggest } from '../workflow/suggest.ts';
import { ContractError } from './contract-error.ts';
import { escapeToken, pointerOf, resolvePointer } from './pointer.ts';

/** Where the parts of an OpenAPI 3.1, 3.0 or Swagger 2.0 document stand. Pure; what is broken elsewhere does not matter. */

type Members = Readonly<Record<string, unknown>>;

/** One operation of a path, or of a webhook. */
export interface Located {
  /** Its operationId; of a webhook, its name. */
  readonly id: string | null;
  /** `POST /projects`; of a webhook, its operationId or name. */
  readonly label: string;
  readonly method: string;
  /** `/projects/{id}`; the name of a webhook. */
  readonly path: string;
  readonly pointer: string;
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];

/** Finds an operation by its operationId or as `POST /projects`. Throws ContractError at `/paths`, naming the closest. */
export function locateOperation(document: unknown, name: string): Located {
  return located(document, name, 'operation', ['/paths'], (method, path, operationId) => ({
    id: operationId,
    label: `${method.toUpperCase()} ${path}`,
  }));
}

/** Finds a webhook by its name or operationId. Throws ContractError at `/webhooks`, naming the closest. */
export function locateWebhook(document: unknown, name: string): Located {
  const places = ['/webhooks', '/x-webhooks'];
  return located(document, name, 'webhook', places, (_, path, operationId) => ({
    id: path,
    label: operationId ?? path,
  }));
}

type Naming = (method: string, path: string, operationId: string | null) => Pick<Located, 'id' | 'label'>;

function located(
  document: unknown,
  name: string,
  noun: string,
  places: readonly string[],
  naming: Naming,
): Located {
  const broken: ContractError[] = [];
  const all = places.flatMap((place) => operationsAt(document, place, naming, broken));
  const found = all.find(({ id, label }) => id === name || label === name);
  if (found !== undefined) return found;
  // It may stand in the part that cannot be read.
  throw broken[0] ?? unknownName(noun, name, all, places[0] ?? '');
}

function operationsAt(
  document: unknown,
  place: string,
  naming: Naming,
  broken: ContractError[],
): readonly Located[] {
  const read = reader(document);
  return Object.keys(membersOf(resolvePointer(document, place))).flatMap((path) => {
    try {
      const { value, pointer } = read(`${place}/${escapeToken(path)}`);
      return methods
        .filter((method) => Object.hasOwn(value, method))
        .map((method) => {
          const { operationId } = membersOf(value[method]);
          const id = typeof operationId === 'string' ? operationId : null;
          return { ...naming(method, path, id), method, path, pointer: `${pointer}/${method}` };
        });
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      broken.push(error);
      return [];
    }
  });
}

function unknownName(noun: string, name: string, all: readonly Located[], place: string): ContractError {
  const names = all.flatMap(({ id, label }) => (id === null ? [label] : [id, label]));
  const meant = suggest(name, names);
  const shown = all.slice(0, 8).map(({ id, label }) => id ?? label);
  const list = shown.join(', ') + (all.length > shown.length ? ', …' : '');
  const help =
    meant === null
      ? all.length === 0
        ? 'it has none at all'
        : `it has ${list}`
      : `did you mean \`${meant}\`?`;
  return new ContractError(`The document has no ${noun} \`${name}\`: ${help}`, place);
}

/** Looks at a part of the document, following a `$ref` that stands in its place. Throws ContractError where it leads nowhere. */
export type Reader = (pointer: string) => { readonly value: Members; readonly pointer: string };

/** A `$ref` may lead to another; so many may follow each other. */
const referencesMax = 20;

export function reader(document: unknown): Reader {
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

/** A parameter that leads nowhere is a fault of the document, and says nothing. */
export function parameterAt(read: Reader, pointer: string): ReturnType<Reader> {
  try {
    return read(pointer);
  } catch (error) {
    if (error instanceof ContractError) return { value: {}, pointer };
    throw error;
  }
}

/** The parameters of an operation's path, and then its own, which stand over them. */
export function parametersAt(read: Reader, operation: string): readonly ReturnType<Reader>[] {
  return [operation.slice(0, operation.lastIndexOf('/')), operation].flatMap((owner) => {
    const { parameters } = read(owner).value;
    const indexes = Array.isArray(parameters) ? [...parameters.keys()] : [];
    return indexes.map((index) => parameterAt(read, `${owner}/parameters/${index}`));
  });
}

const json = /^(application\/json|[^;]+\+json|\*\/\*)\s*(;|$)/i;
const form = /^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i;

/** Where the schema of an operation's JSON body stands, or of a form where `forms`; null where nothing is said of one. */
export function requestSchema(read: Reader, operation: string, forms = false): string | null {
  const { value } = read(operation);
  if (Object.hasOwn(value, 'requestBody')) {
    const { pointer } = read(`${operation}/requestBody`);
    return contentSchema(read, pointer, json) ?? (forms ? contentSchema(read, pointer, form) : null);
  }
  // Swagger 2.0 has the body among the parameters, those of the operation before those of its path.
  const bodies = parametersAt(read, operation).filter((each) => each.value.in === 'body');
  const body = bodies.findLast((each) => Object.hasOwn(each.value, 'schema'));
  return body === undefined ? null : `${body.pointer}/schema`;
}

/** Where the schema of the first 2xx answer's JSON body stands; null where nothing is said of one. */
export function responseSchema(read: Reader, operation: string): string | null {
  const responses = read(`${operation}/responses`);
  const [status] = Object.keys(responses.value)
    .filter((each) => /^2(\d\d|XX)$/i.test(each))
    .sort();
  if (status === undefined) return null;
  const { value, pointer } = read(`${responses.pointer}/${status}`);
  return Object.hasOwn(value, 'content') ? contentSchema(read, pointer, json) : schemaAt(value, pointer);
}

function contentSchema(read: Reader, pointer: string, kind: RegExp): string | null {
  const content = read(`${pointer}/content`);
  const type = Object.keys(content.value).find((each) => kind.test(each));
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
