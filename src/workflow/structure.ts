import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { caseFileSchema } from './cases/schema.ts';
import type { Diagnostic } from './diagnostics.ts';
import { parseDuration } from './duration.ts';
import { type Finding, isMapping, placeAt } from './place.ts';
import { projectFileSchema } from './project-schema.ts';
import { workflowFileSchema } from './schema.ts';
import { durationFormat, referencePattern, slugPattern, written } from './schema-terms.ts';
import type { SourceFile } from './source-file.ts';
import { suggest } from './suggest.ts';
import { secretMark } from './verify-terms.ts';

const ajv = new Ajv2020({
  allErrors: true,
  verbose: true,
  ownProperties: true,
  strict: false,
  // Our own schemas, whose soundness is a test; each judges a few files: to check and to optimise them took most of a `check`.
  validateSchema: false,
  code: { optimize: false },
});
ajv.addFormat(durationFormat, (text: string) => 'ms' in parseDuration(text));

// A moment that no clock knows, a 13th month or a leap second, is none.
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
ajv.addFormat('date-time', (text: string) => moment.test(text) && !Number.isNaN(Date.parse(text)));

const schemas = { workflow: workflowFileSchema, project: projectFileSchema, cases: caseFileSchema };
const validators = new Map<keyof typeof schemas, ValidateFunction>();

/** Reports where a file has not the shape of its schema: unknown and missing keys, wrong types, values out of range. */
export function checkStructure(
  kind: keyof typeof schemas,
  file: SourceFile,
  diagnostics: Diagnostic[],
): void {
  const validate = validators.get(kind) ?? ajv.compile(schemas[kind]);
  validators.set(kind, validate);
  if (validate(file.value)) return;
  const errors = validate.errors ?? [];
  // A key that is only misspelt is not missing as well, and one place gets one finding.
  const told = new Set(errors.filter(isUnknownKey).map((error) => placeName(error, suggestedKey(error))));
  for (const error of errors) {
    const [path, finding] = findingOf(error);
    const name = placeName(error, error.params.missingProperty ?? error.params.additionalProperty ?? null);
    if (told.has(name)) continue;
    told.add(name);
    placeAt(file, path, undefined, diagnostics).report(finding);
  }
}

function isUnknownKey(error: ErrorObject): boolean {
  return error.keyword === 'additionalProperties';
}

function placeName({ instancePath }: ErrorObject, key: string | null): string {
  return `${instancePath} ${key ?? ''}`;
}

function findingOf(error: ErrorObject): [path: (string | number)[], finding: Finding] {
  const path = pathOf(error);
  if (isUnknownKey(error)) {
    return [[...path, error.params.additionalProperty], unknownKey(error)];
  }
  if (error.keyword === 'required') return [path, missingKey(error)];
  return [path, wrongValue(error)];
}

function unknownKey(error: ErrorObject): Finding {
  const key: string = error.params.additionalProperty;
  const known = knownKeys(error);
  if (known.length === 0) {
    return {
      code: 'SB110',
      message: `\`${key}\` cannot be a name here`,
      help: 'names begin with a lower-case letter and hold letters, digits, and - (in ticket fields _)',
      at: 'key',
    };
  }
  const meant = suggestedKey(error);
  return {
    code: 'SB110',
    message: meant === null ? `unknown key \`${key}\`` : `unknown key \`${key}\`, did you mean \`${meant}\`?`,
    help: meant === null ? `what can stand here: ${known.join(', ')}` : describe(error, meant),
    at: 'key',
  };
}

function missingKey(error: ErrorObject): Finding {
  const key: string = error.params.missingProperty;
  const code = key === 'outcome' ? 'SB150' : 'SB111';
  return { code, message: `\`${key}\` is missing`, help: `add it: ${describe(error, key)}`, at: 'key' };
}

function wrongValue(error: ErrorObject): Finding {
  const schema = error.parentSchema ?? {};
  const help =
    [schema.description, exampleOf(schema)].filter(Boolean).join(' ') || 'see docs/reference/workflow.md';
  if (error.keyword === 'type' && schema[secretMark] === true) {
    return {
      code: 'SB115',
      message: 'a secret stands in the file',
      help: 'take it out, replace it where it was issued, and name its place: `{ env: NAME }` or `{ file: path }`',
    };
  }
  if (error.keyword === 'pattern' && /\/\/[^/]*@/.test(textOf(error.data))) {
    return {
      code: 'SB115',
      message: 'credentials stand in the address',
      help: 'take them out, replace them where they were issued, and name their place under `auth`',
    };
  }
  if (schema.format === durationFormat) {
    const text = textOf(error.data);
    const duration = parseDuration(text);
    const problem = 'problem' in duration ? duration.problem : 'it is not a text';
    return { code: 'SB114', message: `\`${show(text)}\` is not a duration: ${problem}`, help };
  }
  if (error.keyword === 'type') {
    const message = `this must be ${typeNames(error.params.type)}, not ${nameOf(error.data)}`;
    return { code: 'SB112', message, help };
  }
  return { code: 'SB113', message: valueMessage(error), help };
}

function valueMessage({ keyword, params, data, message, parentSchema }: ErrorObject): string {
  switch (keyword) {
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(String);
      const meant = suggest(textOf(data), allowed);
      const ask = meant === null ? '' : `, did you mean \`${meant}\`?`;
      return `\`${show(data)}\` is not one of ${allowed.join(', ')}${ask}`;
    }
    case 'pattern':
      return `\`${show(data)}\` ${patternMessage(parentSchema?.pattern, textOf(data))}`;
    case 'exclusiveMinimum':
      return `this must be above ${params.limit}`;
    case 'minimum':
      return `this must be at least ${params.limit}`;
    case 'maximum':
      return `this must be at most ${params.limit}`;
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return 'this must not be empty';
    case 'maxLength':
      return `this must not be longer than ${params.limit} characters`;
    case 'maxItems':
    case 'maxProperties':
      return `this must not hold more than ${params.limit}`;
    default:
      return `this ${message ?? 'is not allowed'}`;
  }
}

function patternMessage(pattern: unknown, text: string): string {
  if (pattern === slugPattern) return 'is not a name: lower-case letters, digits and hyphens, first a letter';
  if (pattern === referencePattern) {
    return `is not a person or team: write ${/^[a-z]/.test(text) ? `\`person:${text}\` or \`team:${text}\`` : '`team:web`'}`;
  }
  return 'is not written as it must be here';
}

function describe(error: ErrorObject, key: string): string {
  const schema = propertyOf(error, key);
  const example = exampleOf(schema, key);
  const description = typeof schema.description === 'string' ? schema.description : '';
  return [example === '' ? `\`${key}: …\`` : example, description].filter(Boolean).join(': ');
}

function exampleOf(schema: Readonly<Record<string, unknown>>, key?: string): string {
  const [example] = Array.isArray(schema.examples) ? schema.examples : [];
  if (example === undefined) return '';
  const text = written(example);
  return key === undefined ? `For example \`${text}\`.` : `\`${key}: ${text}\``;
}

function propertyOf(error: ErrorObject, key: string): Readonly<Record<string, unknown>> {
  const properties: unknown = error.parentSchema?.properties;
  const schema = isMapping(properties) ? properties[key] : undefined;
  return isMapping(schema) ? schema : {};
}

function knownKeys(error: ErrorObject): string[] {
  const properties: unknown = error.parentSchema?.properties;
  return isMapping(properties) ? Object.keys(properties) : [];
}

function suggestedKey(error: ErrorObject): string | null {
  return suggest(error.params.additionalProperty, knownKeys(error));
}

/** Decodes the JSON pointer; digits are indexes where the data is a list, which the YAML nodes accept either way. */
function pathOf(error: ErrorObject): (string | number)[] {
  return error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function typeNames(type: string | string[]): string {
  const names: Readonly<Record<string, string>> = {
    object: 'a mapping (`key: value`)',
    array: 'a list (`- …`)',
    string: 'a text',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
  };
  return [type]
    .flat()
    .map((name) => names[name] ?? name)
    .join(' or ');
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return isMapping(value)
    ? 'a mapping'
    : `${typeof value === 'string' ? 'text' : typeof value} \`${show(value)}\``;
}

/** A mapping may have any keys, `toString` among them: it is no text by itself. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

function show(value: unknown): string {
  const text = textOf(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
