import { limits } from '../limits.ts';
import { quoted } from './media.ts';
import type { ParsedBody } from './parse.ts';

/** One field of a form. */
export type Field = readonly [name: string, value: unknown];

/** Fields as an object: a name that stands once has its value, a repeated one the list of its values in their order. */
export function objectOf(fields: readonly Field[]): ParsedBody {
  if (fields.length > limits.formFieldsMax) {
    return { ok: false, problem: `The body has more than ${limits.formFieldsMax} fields.` };
  }
  const values = Map.groupBy(fields, ([name]) => name);
  for (const name of values.keys()) {
    if (name === '__proto__' || name.includes('\0')) {
      return { ok: false, problem: `The field ${quoted(name)} has a name that cannot be kept.` };
    }
  }
  const members = [...values].map(([name, same]) => {
    const [first, ...more] = same.map(([, value]) => value);
    return [name, more.length === 0 ? first : [first, ...more]] as const;
  });
  return { ok: true, value: Object.fromEntries(members) };
}

/** Reads application/x-www-form-urlencoded text; every value is a text. */
export function parseForm(text: string): ParsedBody {
  const fields: Field[] = [];
  for (const pair of text.split('&', limits.formFieldsMax + 1)) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = unescaped(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : unescaped(pair.slice(equals + 1));
    if (name === null || value === null || value.includes('\0')) {
      const which = name === null ? `number ${fields.length + 1}` : quoted(name);
      return { ok: false, problem: `The field ${which} is not percent-encoded UTF-8 text.` };
    }
    fields.push([name, value]);
  }
  return objectOf(fields);
}

/** Null where the bytes that are written are no UTF-8. A percent sign that writes no byte stands for itself, as for browsers. */
function unescaped(written: string): string | null {
  try {
    return decodeURIComponent(written.replaceAll('+', ' ').replaceAll(/%(?![0-9a-fA-F]{2})/g, '%25'));
  } catch {
    return null;
  }
}
