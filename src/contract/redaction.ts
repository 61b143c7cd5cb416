import { escapeToken, tokensOf } from './pointer.ts';
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
  let hides: boolean | null = null;
  return (pointer) => {
    hides ??= hidesAnything(root);
    return hides && isHidden(root, tokensOf(pointer));
  };
}

/** What stands in place of a hidden value. */
export const hiddenText = '[hidden]';

/** A value as it may be shown, and the pointers of what the contracts hide in it. */
export interface Shown {
  readonly value: unknown;
  readonly hidden: readonly string[];
}

/** A value without what any of the contracts hides of it. Pure. */
export function withoutHidden(roots: readonly unknown[], value: unknown): Shown {
  const marked = roots.filter(hidesAnything);
  if (marked.length === 0) return { value, hidden: [] };
  const hidden: string[] = [];
  const shown = walk(
    marked.map((root) => ({ root, schemas: judging(root, root) })),
    value,
    '',
    hidden,
  );
  return { value: shown, hidden };
}

/** The schemas of one contract that judge the value at hand. */
interface Judging {
  readonly root: unknown;
  readonly schemas: readonly Members[];
}

function walk(contracts: readonly Judging[], value: unknown, pointer: string, hidden: string[]): unknown {
  if (contracts.some(({ schemas }) => schemas.some(isMarked))) {
    hidden.push(pointer);
    return hiddenText;
  }
  if (typeof value !== 'object' || value === null) return value;
  const inside = (token: string, member: unknown) => {
    const judged = contracts
      .map(({ root, schemas }) => ({ root, schemas: partsOf(root, schemas, token) }))
      .filter(({ schemas }) => schemas.length > 0);
    return judged.length === 0 ? member : walk(judged, member, `${pointer}/${escapeToken(token)}`, hidden);
  };
  if (Array.isArray(value)) return value.map((member, index) => inside(String(index), member));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inside(name, member)]));
}

function partsOf(root: unknown, schemas: readonly Members[], token: string): readonly Members[] {
  const parts = schemas.flatMap((schema) => memberSchemas(schema, token));
  return [...new Set(parts.flatMap((part) => judging(root, part)))];
}

function isHidden(root: unknown, tokens: readonly string[]): boolean {
  let schemas = judging(root, root);
  for (const token of tokens) {
    if (schemas.some(isMarked)) return true;
    schemas = partsOf(root, schemas, token);
  }
  return schemas.some(isMarked);
}

function isMarked(schema: Members): boolean {
  return schema.writeOnly === true || schema.format === 'password' || schema['x-redact'] === true;
}

/** Whether a contract hides anything at all: most do not, and their values need no search. Pure. */
export function hidesAnything(root: unknown): boolean {
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
