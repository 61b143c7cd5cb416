/**
 * The value at a path of a JSON value; undefined where there is none. Pure.
 * `customer.email` and `/customer/email` go into mappings, a number into a list, and `*` to every element of one, which
 * yields the list of what is found there. A member whose name is the whole path comes first: `a.b` may be a name.
 */
export function valueAt(value: unknown, path: string): unknown {
  const whole = memberOf(value, path);
  return whole === undefined ? follow(value, pathSegments(path)) : whole;
}

/** The steps of a path. Pure. */
export function pathSegments(path: string): readonly string[] {
  if (!path.startsWith('/')) return path.split('.');
  return path
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function follow(value: unknown, [segment, ...rest]: readonly string[]): unknown {
  if (segment === undefined) return value;
  if (segment === '*' && Array.isArray(value)) return value.map((element) => follow(element, rest));
  return follow(memberOf(value, segment), rest);
}

/** Only what is its own: no `length`, no `constructor`. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,8})$/.test(name) ? value[Number(name)] : undefined;
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}
