import { escaped } from './lines.ts';

/** What differs between two JSON values, place by place; undefined: not there. Pure. */
export interface Changed {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

export function changesOf(before: unknown, after: unknown, path = ''): Changed[] {
  if (Object.is(before, after)) return [];
  if (!isBranch(before) || !isBranch(after) || Array.isArray(before) !== Array.isArray(after)) {
    return [{ path, before, after }];
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) =>
    changesOf(own(before, name), own(after, name), `${path}/${escaped(name)}`),
  );
}

function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
