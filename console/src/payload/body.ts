/**
 * The body of a request whose `payload` is JSON as somebody typed it. Read into numbers and written again, a long one would be
 * rounded; as it was typed, the server says so. Pure.
 */
export function bodyWith(members: object, payload: string): string {
  const others = JSON.stringify(members).slice(1, -1);
  return `{${others === '' ? '' : `${others},`}"payload":${payload}}`;
}
