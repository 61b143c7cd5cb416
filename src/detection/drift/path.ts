/*
 * Where something stands in payloads, as people read it: `utm.campaign`, `rows[].price`. A name that would read as a
 * path itself is written as JSON has it: `["utm.campaign"]`, `form["tags[]"]`, `[""]`.
 */

/** The path of a field of what stands at a path (empty: the payload). Pure. */
export function fieldAt(path: string, name: string): string {
  if (!isPlain.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

const isPlain = /^[^.[\]"\\]+$/;

/** The steps down a path: names of fields; null: into the elements of a list. Pure. */
export function stepsOf(path: string): (string | null)[] {
  return [...path.matchAll(step)].map(([text, quoted]) => {
    if (text === '[]') return null;
    return quoted === undefined ? text : (JSON.parse(quoted) as string);
  });
}

const step = /\[("(?:[^"\\]|\\.)*")\]|\[\]|[^.[\]]+/g;
