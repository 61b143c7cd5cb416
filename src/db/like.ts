/** A pattern for `like` that finds a text anywhere, taken as it is. */
export function like(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
