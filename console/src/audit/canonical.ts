/**
 * RFC 8785 canonical JSON, written anew here on purpose: who checks a record should not run the code that wrote it.
 * Numbers and texts are written as ECMAScript does, which is what the RFC asks for. Pure.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    // The default order is that of UTF-16 code units, as the RFC has it.
    const names = Object.keys(value).sort();
    const members = names.map((name) => {
      return `${JSON.stringify(name)}:${canonical((value as Readonly<Record<string, unknown>>)[name])}`;
    });
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}
