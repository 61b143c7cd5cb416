import { canonical } from '../audit/encoding.ts';

/** JSON pointers of what differs between two JSON values, at most `most`; the whole (``) where they are of different kinds. Pure. */
export function changedPaths(before: unknown, after: unknown, most = 50): string[] {
  const paths: string[] = [];
  collect(before, after, '', paths, most);
  return paths;
}

function collect(before: unknown, after: unknown, path: string, paths: string[], most: number): void {
  if (paths.length >= most) return;
  if (!isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after)) {
    if (text(before) !== text(after)) paths.push(path);
    return;
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  for (const key of keys) {
    const escaped = key.replaceAll('~', '~0').replaceAll('/', '~1');
    collect(own(before, key), own(after, key), `${path}/${escaped}`, paths, most);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function own(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function text(value: unknown): string {
  return value === undefined ? 'absent' : canonical(value);
}
