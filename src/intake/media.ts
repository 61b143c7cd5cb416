import { MIMEType } from 'node:util';

/** What is wrong with a content type, one sentence; null where it is JSON in UTF-8. */
export function mediaProblem(contentType: string): string | null {
  if (contentType === 'application/json') return null;
  if (contentType === '') return 'The content type is missing; send application/json.';
  let type: MIMEType;
  try {
    type = new MIMEType(contentType);
  } catch {
    return `The content type ${quoted(contentType)} is not understood; send application/json.`;
  }
  if (type.essence !== 'application/json' && !type.subtype.endsWith('+json')) {
    return `The content type ${quoted(type.essence)} is not supported; send application/json or a type that ends in +json.`;
  }
  const charset = type.params.get('charset') ?? 'utf-8';
  if (!/^utf-?8$/i.test(charset)) return `The charset ${quoted(charset)} is not supported; send UTF-8.`;
  return null;
}

/** Foreign text for one of our sentences: escaped, and bounded. */
export function quoted(text: string): string {
  const shown = text.length > quotedCharsMax ? `${text.slice(0, quotedCharsMax)}…` : text;
  return JSON.stringify(shown);
}

const quotedCharsMax = 80;
