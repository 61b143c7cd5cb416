import { ContractError } from './contract-error.ts';
import { locateOperation, locateWebhook, reader, requestSchema } from './openapi-parts.ts';
import type { Direction } from './openapi-schema.ts';
import { pointerOf } from './pointer.ts';

/** Where the schema of a payload stands in its document. */
export interface PayloadSchema {
  readonly pointer: string;
  /** By name it is what is sent; by pointer it may be either. */
  readonly direction: Direction;
}

/**
 * Reads what follows `#` in the name of a contract: nothing (the whole document), a JSON pointer
 * (`/components/schemas/Lead`), or the body of an operation or webhook of an OpenAPI document by its name
 * (`operation=createLead`, `operation=POST /leads`, `webhook=lead-created`). Pure. Throws ContractError.
 */
export function payloadSchema(document: unknown, fragment: string): PayloadSchema {
  const [, kind = '', written = ''] = /^(operation|webhook)=(.+)$/.exec(fragment) ?? [];
  if (kind === '') {
    const pointer = pointerOf(`#${fragment}`);
    if (pointer !== null || fragment === '') return { pointer: pointer ?? '', direction: null };
    throw new ContractError('what follows `#` is no JSON pointer, no `operation=` and no `webhook=`', '');
  }
  const name = decoded(written);
  const { pointer } = kind === 'webhook' ? locateWebhook(document, name) : locateOperation(document, name);
  const schema = requestSchema(reader(document), pointer, true);
  if (schema === null) throw new ContractError(`The ${kind} \`${name}\` has no body with a schema`, pointer);
  return { pointer: schema, direction: 'request' };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
