import { Ajv, type AnySchema, type Format, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import draft06 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' };
import draft04 from 'ajv-draft-04';
import formats from 'ajv-formats';
import { limits } from '../limits.ts';
import { type Bundle, bundled } from './bundle.ts';
import type { Contract, Violation } from './contract.ts';
import { ContractError } from './contract-error.ts';
import { type Draft, dialectOf } from './dialect.ts';
import { discriminated } from './discriminator.ts';
import { withStaticReferences } from './dynamic.ts';
import { explainer, type Judge } from './explain.ts';
import { linearRegExp } from './linear-regexp.ts';
import { multipleOf } from './multiple-of.ts';
import { type Direction, dateOrMoment } from './openapi-schema.ts';
import { resolvePointer } from './pointer.ts';
import { redactionOf } from './redaction.ts';
import { withoutMalformed } from './sound.ts';
import { uniqueItems } from './unique-items.ts';
import { violationsOf } from './violation.ts';

export { ContractError } from './contract-error.ts';

interface ContractSource {
  /** The parsed document. */
  readonly document: unknown;
  /** JSON pointer of the schema in it: ``, or `/components/schemas/Lead`. */
  readonly pointer: string;
  /** What the contract is called: `contracts/lead.schema.json`. */
  readonly name: string;
  /** Of an OpenAPI document: what is only in answers is not required of a request, and the other way round. */
  readonly direction?: Direction;
}

/**
 * Compiles the schema at a JSON pointer of a document: JSON Schema 2020-12 (where `$schema` says nothing), 2019-09,
 * draft-07, -06 or -04, or a schema within an OpenAPI 3.1, 3.0 or Swagger 2.0 document. Unknown keywords and formats
 * are tolerated. Only what the schema refers to is compiled; `$ref`s stay within the document. Pure.
 * Only own members of a value count, and no value takes more than linear time (see `warnings`).
 * Throws ContractError for an invalid schema, a dangling `$ref`, or a remote one.
 */
export function compileContract(source: ContractSource): Contract {
  const { document, pointer, name } = source;
  const { draft } = dialectOf(document);
  const { bundle, warnings } = soundBundle(bundleOf(source), draft, source);
  const judged = dialectOf(document).openapi === '3.0' ? { schema: discriminated(bundle.schema) } : bundle;
  const first = compiled(judged, draft, false, warnings, pointer);
  noteEndless(first, warnings);
  let explain: ReturnType<typeof explainer> | null = null;
  return {
    name,
    schema: bundle.schema,
    warnings,
    validate(value) {
      try {
        if (first(value)) return [];
        // Every error of a huge value could take more memory than the value: there, the first one must do.
        if (nodesOf(value, limits.violationsNodesMax) === 0) {
          return violationsOf(first.errors ?? [], redactionOf(bundle.schema));
        }
        explain ??= explainer(judgeOf(judged.schema, draft, pointer));
        return explain(value);
      } catch (error) {
        return [unjudged(error, name)];
      }
    },
  };
}

/** What stands for the judgement where the schema cannot be evaluated on a value: a person must see both. */
function unjudged(error: unknown, name: string): Violation {
  if (error instanceof RangeError) {
    return { path: '', rule: 'depth', message: 'The value is nested too deeply to be checked' };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { path: '', rule: 'schema', message: `The contract ${name} cannot be evaluated on this: ${reason}` };
}

/** No value of these is deep: a schema that does not come to an end on one goes in circles. */
const flatValues: readonly unknown[] = [null, true, 0, '', [], {}];

/** Warns of a schema that refers to itself without going into the value: what reaches it is refused. */
function noteEndless(validate: ValidateFunction, warnings: string[]): void {
  try {
    for (const value of flatValues) validate(value);
  } catch (error) {
    if (!(error instanceof RangeError)) return;
    warnings.push('A $ref leads back to itself without going into the value: what reaches it is refused');
  }
}

function bundleOf({ document, pointer, direction }: ContractSource): Bundle {
  const schema = resolvePointer(document, pointer);
  if (schema === undefined) throw new ContractError(`There is nothing at ${pointer || 'the root'}`, pointer);
  if (typeof schema !== 'boolean' && !isObject(schema)) {
    throw new ContractError('A schema is an object, true or false', pointer);
  }
  const dialect = dialectOf(document);
  if (pointer !== '' || dialect.openapi !== null) return bundled(document, pointer, dialect, direction);
  return { schema: withStaticReferences(schema), origin: (path) => path, gaps: [] };
}

/** Draft by draft: what compiles it, and its own schema. */
const engines = {
  '2020-12': { Engine: Ajv2020, metaschema: 'https://json-schema.org/draft/2020-12/schema' },
  '2019-09': { Engine: Ajv2019, metaschema: 'https://json-schema.org/draft/2019-09/schema' },
  'draft-07': { Engine: Ajv, metaschema: 'http://json-schema.org/draft-07/schema#' },
  'draft-06': { Engine: Ajv, metaschema: 'http://json-schema.org/draft-06/schema#' },
  'draft-04': { Engine: draft04.default, metaschema: 'http://json-schema.org/draft-04/schema#' },
} as const;

function engine(draft: Draft, options: Options): Ajv {
  const ajv = new engines[draft].Engine({
    strict: false,
    validateSchema: false,
    logger: false,
    ownProperties: true,
    verbose: true,
    ...options,
    // Its optimizations take half of the time that a large contract takes, and make no payload quicker.
    code: { ...options.code, optimize: false, process: withSoundMarks },
  });
  if (draft === 'draft-06') ajv.addMetaSchema(draft06);
  formats.default(ajv);
  // The package's own `url` takes quadratic time, the only one of its formats that does.
  ajv.addFormat('url', (text: string) => /^(?:https?|ftp):\/\/\S+$/i.test(text) && URL.canParse(text));
  const [date, moment] = [formats.default.get('date'), formats.default.get('date-time')];
  ajv.addFormat(dateOrMoment, (text: string) => [date, moment].some((format) => satisfies(format, text)));
  for (const own of [uniqueItems, multipleOf]) ajv.removeKeyword(String(own.keyword)).addKeyword(own);
  return ajv;
}

/**
 * Ajv marks what a pattern has evaluated on a variable that an earlier branch may have left undefined, or true for
 * "all of it", and would throw. Where this no longer finds its text, the test of it says so.
 */
function withSoundMarks(code: string): string {
  return code.replaceAll(/\b(props\d+)\[(key\d+)\] = true;/g, 'if($1 !== true){($1 = $1 || {})[$2] = true;}');
}

/** Formats of the package, as a function, an expression, or either with more beside it. */
function satisfies(format: Format, text: string): boolean {
  const check: unknown = typeof format === 'object' && 'validate' in format ? format.validate : format;
  return check instanceof RegExp ? check.test(text) : typeof check === 'function' && check(text) === true;
}

const validators = new Map<Draft, Ajv>();

/** Malformed keywords that are left out of a vendor's schema, before it is given up. */
const malformedMax = 50;

/**
 * Refuses a schema that is malformed. One of an API document, which is its vendor's, is used without what is, with a
 * warning. Throws ContractError.
 */
function soundBundle(bundle: Bundle, draft: Draft, { document }: ContractSource) {
  const lenient = dialectOf(document).openapi !== null;
  const warnings = bundle.gaps.map(
    ({ message, pointer }) => `${message} (at ${pointer}): what stands there is not checked`,
  );
  let sound = bundle;
  for (let count = 0; ; count += 1) {
    const fault = faultOf(sound.schema, draft);
    if (fault === null) return { bundle: sound, warnings };
    const at = bundle.origin(fault.path);
    const without = lenient && count < malformedMax ? withoutMalformed(sound.schema, fault.path) : null;
    if (without === null) {
      throw new ContractError(`The schema is no valid JSON Schema: ${fault.message}`, at);
    }
    warnings.push(`${fault.message} (at ${at}): it is left out`);
    sound = { ...sound, schema: without.schema };
  }
}

function faultOf(schema: unknown, draft: Draft): { readonly path: string; readonly message: string } | null {
  const ajv = validators.get(draft) ?? engine(draft, {});
  validators.set(draft, ajv);
  if (ajv.validate(engines[draft].metaschema, schema)) return null;
  const [violation] = violationsOf(ajv.errors ?? []);
  return { path: violation?.path ?? '', message: violation?.message ?? 'it is malformed' };
}

function compiled(
  { schema }: Pick<Bundle, 'schema'>,
  draft: Draft,
  allErrors: boolean,
  warnings: string[],
  pointer: string,
): ValidateFunction {
  try {
    const ajv = engine(draft, { allErrors, code: { regExp: regExpEngine(warnings) } });
    return ajv.compile(schema as AnySchema);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const [, missing] = /^can't resolve reference (\S+)/.exec(reason) ?? [];
    if (missing === undefined)
      throw new ContractError(`The schema does not compile: ${reason}`, pointer, { cause: error });
    const help = missing.startsWith('#')
      ? 'leads nowhere'
      : 'leads to another document: copy that schema into this one';
    throw new ContractError(`$ref ${missing} ${help}`, pointer, { cause: error });
  }
}

/** The contract compiled a second time, to tell all errors; and forms of its choices, as they are asked for. */
function judgeOf(schema: unknown, draft: Draft, pointer: string): Judge {
  const all = compiled({ schema }, draft, true, [], pointer);
  const forms = new WeakMap<object, ValidateFunction | null>();
  const formOf = (form: object): ValidateFunction | null => {
    const known = forms.get(form);
    if (known !== undefined) return known;
    const validate = compiledForm(schema, form, draft);
    forms.set(form, validate);
    return validate;
  };
  return {
    schema,
    judge: (value) => (all(value) ? [] : (all.errors ?? [])),
    judgeForm(form, value) {
      const validate = formOf(form);
      if (validate === null) return null;
      return validate(value) ? [] : (validate.errors ?? []);
    },
  };
}

/** One form of a choice by itself, with the definitions that it refers to; null where it needs more of its document. */
function compiledForm(root: unknown, form: object, draft: Draft): ValidateFunction | null {
  const { $defs, definitions } = isObject(root) ? root : {};
  const schema = {
    ...($defs === undefined ? {} : { $defs }),
    ...(definitions === undefined ? {} : { definitions }),
    ...form,
  };
  try {
    return compiled({ schema }, draft, true, [], '');
  } catch (error) {
    if (error instanceof ContractError) return null;
    throw error;
  }
}

/** Patterns are the contract's own text, but what they are matched against is a stranger's. */
function regExpEngine(warnings: string[]): {
  (pattern: string, flags: string): { test(text: string): boolean };
  code: string;
} {
  const make = (pattern: string, flags: string) => {
    try {
      return linearRegExp(pattern);
    } catch {
      const native = backtracking(pattern, flags);
      const note = `The pattern ${pattern} is matched by backtracking, as RE2 has no look-around or back-references`;
      if (!warnings.includes(note)) warnings.push(note);
      return native;
    }
  };
  return Object.assign(make, { code: 'linearRegExp' });
}

/** Patterns are meant to be read with `u`; what that refuses (`\-`, a repeated look-ahead) many still write. */
function backtracking(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch {
    return new RegExp(pattern);
  }
}

/** How many more values could be counted before `most`; 0 where there are as many or more. */
function nodesOf(value: unknown, most: number): number {
  if (most <= 0) return 0;
  let left = most - 1;
  if (typeof value !== 'object' || value === null) return left;
  for (const part of Object.values(value)) {
    left = nodesOf(part, left);
    if (left === 0) return 0;
  }
  return left;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
