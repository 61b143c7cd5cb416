import { diagnosticCodes } from './diagnostics.ts';
import { isMapping } from './place.ts';
import { projectFileSchema } from './project-schema.ts';
import { workflowFileSchema } from './schema.ts';
import { durationFormat, slugPattern, written } from './schema-terms.ts';
import { skeleton } from './skeleton.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The reference of the workflow language, from its schemas. Pure; docs/reference/workflow.md is its text. */
export function referenceMarkdown(): string {
  const example = skeleton('');
  return `${[
    preamble,
    '## An example',
    'It is what `signalbox init` writes. `workflows/contact-request.yaml`:',
    fenced('yaml', example['workflows/contact-request.yaml']),
    '`signalbox.yaml`, beside the folder `workflows/`:',
    fenced('yaml', example['signalbox.yaml']),
    '## The workflow file',
    ...sectionsOf('', { ...workflowFileSchema }),
    '## signalbox.yaml',
    ...sectionsOf('', { ...projectFileSchema }),
    '## What `signalbox check` finds',
    codeTable(),
  ].join('\n\n')}\n`;
}

const preamble = `# The workflow language

<!-- Made from src/workflow/schema.ts and project-schema.ts by reference.ts. Do not edit; run \`npx vitest run src/workflow/reference.test.ts -u\`. -->

A project is a folder with \`signalbox.yaml\` and one file a workflow in \`workflows/\`: YAML, or the same object
[in TypeScript](../guides/typescript.md). Paths in a workflow file are
relative to that file and stay in the folder. \`signalbox check\` compiles all of it and tells every mistake with its
file, line and column. Editors complete and check keys with [workflow.schema.json](workflow.schema.json) and
[project.schema.json](project.schema.json).

- A **duration** is a whole number and a unit: \`500ms\`, \`30s\`, \`15m\`, \`4h\`, \`30d\`.
- A **person or team** is written \`person:<key>\` or \`team:<key>\`, with a key of \`signalbox.yaml\`.
- A **name** has lower-case letters, digits and hyphens, and begins with a letter.
- An **expression** is [CEL](https://cel.dev), checked against the contract. A fixed text in it has its own quotes:
  \`'"web"'\`. Put an expression with \`: \` or \` #\` in it, or one that begins with \`"\`, \`[\`, \`{\` or \`!\`, in YAML quotes.
- A **secret** never stands in a file of the project: \`{ env: NAME }\` or \`{ file: path }\`.
- YAML aliases and several documents in one file are not part of the language; a key that stands twice is an error.

What expressions see:

| where | names |
|---|---|
| \`trigger.identity\`, \`ticket\` | \`payload\`, \`headers\` |
| \`checks\`, \`routes\` | \`payload\`, \`headers\`, \`ticket\` |
| a handoff's \`when\`, \`with\`, \`body\`, \`approval.when\` | \`payload\`, \`headers\`, \`ticket\`, \`route\` (\`team:web\`) |
| \`outcome.with\` | \`payload\`, \`ticket\`, \`request\` (the body sent), \`response\` (its answer) |
| \`outcome.that\` | these and \`result\` (what was read back) |
| a poll's \`with\` | \`cursor\`, \`page\` (1, 2, …) |
| a poll's \`triggers\`, \`cursor\`, \`next_page\` | these, \`response\` (the answer), and, but for \`triggers\`, \`last\` (its last trigger) |
| a list that is compared: its \`with\` | \`page\`, \`window.from\`, \`window.until\` (RFC 3339 texts) |
| its \`triggers\`, \`next_page\` | these, \`response\`, and, but for \`triggers\`, \`last\` |
| its \`at\` | \`element\`: one of its triggers |`;

/** One table for a mapping, then the sections of those of its parts that are mappings themselves. Pure. */
export function sectionsOf(path: string, schema: Schema): string[] {
  const parts = Object.entries(mappingOf(schema.properties));
  const rows = parts.map(([key, part]) => row(key, mappingOf(part), isRequired(schema, key)));
  const heading = path === '' ? [] : [`### \`${path}\``];
  const table = ['| key | | value | meaning |', '|---|---|---|---|', ...rows].join('\n');
  const nested = parts.flatMap(([key, part]) =>
    nestedSections(path === '' ? key : `${path}.${key}`, mappingOf(part)),
  );
  return [...heading, String(schema.description ?? ''), table, ...nested];
}

function nestedSections(path: string, schema: Schema): string[] {
  // The failure modes have one shape: it is shown once.
  if (path === 'exceptions.on') {
    const modes = mappingOf(schema.properties);
    const names = Object.keys(modes).map((mode) => `\`${mode}\``);
    const [shape] = Object.values(modes);
    const [heading = '', description = '', ...rest] = sectionsOf(`${path}.<failure mode>`, mappingOf(shape));
    return [heading, description, `Failure modes: ${names.join(', ')}.`, ...rest];
  }
  if (isMapping(schema.properties)) return sectionsOf(path, schema);
  const element = mappingOf(schema.items);
  if (isMapping(element.properties)) return sectionsOf(`${path}[]`, element);
  const [value] = Object.values(mappingOf(schema.patternProperties)).map(mappingOf);
  return value !== undefined && isMapping(value.properties) ? sectionsOf(`${path}.<key>`, value) : [];
}

function row(key: string, schema: Schema, required: boolean): string {
  const cells = [`\`${key}\``, required ? 'required' : '', kindOf(schema), meaningOf(schema)];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function meaningOf(schema: Schema): string {
  const notes = [String(schema.description ?? '')];
  const [example] = Array.isArray(schema.examples) ? schema.examples : [];
  if (schema.default !== undefined && schema.default !== '')
    notes.push(`Default: \`${written(schema.default)}\`.`);
  else if (example !== undefined) notes.push(`Example: \`${written(example)}\`.`);
  return notes.join(' ');
}

function kindOf(schema: Schema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((one) => `\`${one}\``).join(', ');
  if (Array.isArray(schema.type) && isMapping(schema.properties ?? schema.patternProperties))
    return schema.type.map((name) => eitherName(String(name), schema)).join(' or ');
  if (Array.isArray(schema.type))
    return schema.type.includes('object')
      ? 'a shape of expressions'
      : schema.type.includes('boolean')
        ? 'expression'
        : 'text or number';
  if (schema.format === durationFormat) return 'duration';
  if (schema.type === 'array') return `list of ${kindOf(mappingOf(schema.items))}`;
  if (schema.type === 'object') return 'mapping';
  if (schema.type === 'number' || schema.type === 'integer') return rangeOf(schema);
  if (schema.type === 'boolean') return '`true`, `false`';
  const pattern = String(schema.pattern ?? '');
  if (pattern.includes('person|team'))
    return `${['triage', 'none'].filter((word) => pattern.includes(word)).map((word) => `\`${word}\`, `)}person or team`;
  if (pattern === slugPattern) return 'name';
  return schema.type === undefined ? 'any value' : 'text';
}

/** One of the kinds that a value may be of, where one of them is a mapping with known keys. */
function eitherName(name: string, { pattern, items }: Schema): string {
  if (name === 'object') return 'mapping';
  if (name === 'array') return `list of ${kindOf(mappingOf(items))}`;
  return name === 'string' ? `\`${String(pattern).replace(/^\^|\$$/g, '')}\`` : name;
}

function rangeOf(schema: Schema): string {
  const from =
    schema.minimum ?? (schema.exclusiveMinimum === undefined ? '' : `above ${schema.exclusiveMinimum}`);
  const kind = schema.type === 'integer' ? 'whole number' : 'number';
  return `${kind}, ${from} to ${schema.maximum}`;
}

function codeTable(): string {
  const rows = Object.entries(diagnosticCodes).map(
    ([code, meaning]) => `| [${code}](diagnostics.md#${code.toLowerCase()}) | ${meaning} |`,
  );
  return ['| code | |', '|---|---|', ...rows].join('\n');
}

function fenced(language: string, text: string | undefined): string {
  return `\`\`\`${language}\n${(text ?? '').trimEnd()}\n\`\`\``;
}

function isRequired(schema: Schema, key: string): boolean {
  return Array.isArray(schema.required) && schema.required.includes(key);
}

function mappingOf(value: unknown): Schema {
  return isMapping(value) ? value : {};
}
