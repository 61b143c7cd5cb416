import type { FuncKeywordDefinition } from 'ajv';

/**
 * `uniqueItems` by comparing canonical texts: time grows with the list, where Ajv's own compares every two elements,
 * which a stranger's list of a hundred thousand makes too many.
 */
export const uniqueItems: FuncKeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  errors: false,
  compile: (unique: boolean) => (list: readonly unknown[]) =>
    !unique || new Set(list.map(canonicalText)).size === list.length,
};

/** Equal texts for equal JSON values: members in order of their names. */
function canonicalText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${canonicalText(each)}`).join(',')}}`;
}
