import type { Inference } from '../infer/inference.ts';
import type { Schema } from '../infer/schema.ts';
import { type Paint, table, tame } from './output.ts';

/** What was inferred, for a person: fields with how sure, the identity with its reason, how the source proves itself. */
export function inferenceText({ contract, identities, scheme, shape }: Inference, paint: Paint): string {
  const rows = rowsOf(contract, '');
  const shown = rows.slice(0, rowsMax);
  const more = rows.length - shown.length;
  const [best, ...others] = identities;
  return [
    paint('strong', `Contract, from ${shape.samples === 1 ? 'one payload' : `${shape.samples} payloads`}`),
    shown.length === 0 ? typesOf(contract) : table(['field', 'seen', 'what is stated of it'], shown, paint),
    ...(more > 0 ? [paint('dim', `… and ${more} more; --contract prints all of it`)] : []),
    '',
    paint('strong', 'Identity'),
    best === undefined
      ? 'No field that all samples have tells them apart: the content itself is the identity.'
      : `${paint('name', tame(best.expression))}: ${best.reason}`,
    ...others.map(({ expression, reason }) => paint('dim', `or ${tame(expression)}: ${reason}`)),
    '',
    paint('strong', 'Source'),
    scheme === null
      ? 'Its headers do not say how it proves itself.'
      : `${scheme.header} was among its headers: it proves itself as ${scheme.scheme} does.`,
  ].join('\n');
}

const rowsMax = 60;

/** A row a field, with the fields in it. */
function rowsOf(schema: Schema, path: string): string[][] {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(membersOf(schema.properties)).flatMap(([name, each]) => {
    const part = membersOf(each);
    const at = path === '' ? name : `${path}.${name}`;
    const { seen, of } = membersOf(part['x-signalbox-evidence']);
    const stated = [required.has(name) ? 'always there' : '', typesOf(part), ...detailsOf(part)];
    return [
      [at, `${seen} of ${of}`, stated.filter((text) => text !== '').join(', ')],
      ...rowsOf(part, at),
      ...rowsOf(membersOf(part.items), `${at}[]`),
    ];
  });
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  array: 'list',
};

function typesOf({ type, additionalProperties }: Schema): string {
  if (type === undefined) return 'anything';
  const names = [type].flat().map((name) => typeNames[String(name)] ?? String(name));
  return names.join(' or ') + (typeof additionalProperties === 'object' ? ' by keys that are data' : '');
}

function detailsOf({ format, pattern, enum: values, minimum, maximum, allOf }: Schema): string[] {
  return [
    ...(Array.isArray(values) ? [`one of ${values.join(', ')}`] : []),
    ...(format === undefined ? [] : [String(format)]),
    ...(pattern === undefined ? [] : [`like ${pattern}`]),
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
    ...(Array.isArray(allOf) ? [`${allOf.length} kinds`] : []),
  ];
}

function membersOf(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? (value as Schema) : {};
}
