import { escaped } from './lines.ts';

/** A contract as a list of fields to be read beside a payload. Pure. */

export interface Field {
  /** JSON pointer, `*` for any element of a list. */
  readonly pointer: string;
  readonly depth: number;
  readonly name: string;
  readonly required: boolean;
  /** `text`, `number`, `web or brand`. */
  readonly type: string;
  /** What else it has to be: `500 or more`, `date-time`. */
  readonly rules: readonly string[];
  readonly about: string | null;
}

type Schema = Readonly<Record<string, unknown>>;

const depthMax = 5;
const fieldsMax = 300;

export function fieldsOf(root: unknown): Field[] {
  const fields: Field[] = [];
  walk(root, '', 0, new Set());
  return fields;

  function walk(given: unknown, pointer: string, depth: number, above: ReadonlySet<unknown>): void {
    const schema = resolved(given);
    if (schema === null || above.has(schema) || depth > depthMax) return;
    const inside = new Set([...above, schema]);
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    for (const [name, member] of Object.entries(objectOf(schema.properties))) {
      if (fields.length >= fieldsMax) return;
      const path = `${pointer}/${escaped(name)}`;
      fields.push({ pointer: path, depth, name, required: required.has(name), ...described(member) });
      walk(member, path, depth + 1, inside);
    }
    for (const part of listOf(schema.allOf)) walk(part, pointer, depth, inside);
    if (schema.items !== undefined) walk(schema.items, `${pointer}/*`, depth, inside);
  }

  function described(given: unknown): Pick<Field, 'type' | 'rules' | 'about'> {
    const schema = resolved(given) ?? {};
    return {
      type: typeOf(schema),
      rules: rulesOf(schema),
      about: typeof schema.description === 'string' ? schema.description : null,
    };
  }

  /** With its reference followed, within this document. */
  function resolved(given: unknown): Schema | null {
    let schema: unknown = given;
    for (let step = 0; step < 20; step += 1) {
      if (typeof schema !== 'object' || schema === null) return null;
      const { $ref } = schema as { $ref?: unknown };
      if (typeof $ref !== 'string' || !$ref.startsWith('#')) return schema as Schema;
      const tokens = $ref.slice(1).split('/').slice(1);
      schema = tokens.reduce<unknown>((at, token) => objectOf(at)[decodeURIComponent(token)], root);
    }
    return null;
  }
}

/** Whether a violation's path is about this field. */
export function isAbout(field: Field, path: string): boolean {
  const own = field.pointer.split('/');
  const its = path.split('/');
  return own.length === its.length && own.every((token, at) => token === its[at] || token === '*');
}

function typeOf(schema: Schema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map(short).join(' or ');
  if (schema.const !== undefined) return short(schema.const);
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  const words = types.filter((type) => typeof type === 'string');
  return words.length === 0 ? 'anything' : words.join(' or ');
}

function rulesOf(schema: Schema): string[] {
  const rules: [name: string, say: (value: unknown) => string][] = [
    ['format', String],
    ['pattern', (value) => `matches ${value}`],
    ['minLength', (value) => `${value} characters or more`],
    ['maxLength', (value) => `${value} characters at most`],
    ['minimum', (value) => `${value} or more`],
    ['exclusiveMinimum', (value) => `more than ${value}`],
    ['maximum', (value) => `${value} at most`],
    ['exclusiveMaximum', (value) => `less than ${value}`],
    ['minItems', (value) => `${value} elements or more`],
    ['maxItems', (value) => `${value} elements at most`],
  ];
  return rules.flatMap(([name, say]) => {
    const value = schema[name];
    return typeof value === 'string' || typeof value === 'number' ? [say(value)] : [];
  });
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
