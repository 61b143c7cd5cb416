import { tokensOf } from './pointer.ts';
import { isObject, judging, type Members, memberSchemas } from './subschemas.ts';

/** Whether what stands at a pointer is not to be shown. */
export type Redaction = (pointer: string) => boolean;

/** Nothing is hidden. */
export const open: Redaction = () => false;

/**
 * What a contract hides: values of `writeOnly: true`, of `format: password`, and of `x-redact: true`, and all that
 * stands within them. Where several parts of a contract speak of a value, one of them is enough. Pure.
 */
export function redactionOf(root: unknown): Redaction {
  let hidesAnything: boolean | null = null;
  return (pointer) => {
    hidesAnything ??= marks(root);
    return hidesAnything && isHidden(root, tokensOf(pointer));
  };
}

function isHidden(root: unknown, tokens: readonly string[]): boolean {
  let schemas = judging(root, root);
  for (const token of tokens) {
    if (schemas.some(isMarked)) return true;
    const parts = schemas.flatMap((schema) => memberSchemas(schema, token));
    schemas = [...new Set(parts.flatMap((part) => judging(root, part)))];
  }
  return schemas.some(isMarked);
}

function isMarked(schema: Members): boolean {
  return schema.writeOnly === true || schema.format === 'password' || schema['x-redact'] === true;
}

/** Whether there is any mark at all: most contracts have none, and their values need no search. */
function marks(root: unknown): boolean {
  const waiting: unknown[] = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) waiting.push(...next.filter((each) => typeof each === 'object'));
    else if (isObject(next)) {
      if (isMarked(next)) return true;
      waiting.push(...Object.values(next).filter((each) => typeof each === 'object' && each !== null));
    }
  }
  return false;
}
