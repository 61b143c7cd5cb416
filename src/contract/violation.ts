import type { ErrorObject } from 'ajv';
import { limits } from '../limits.ts';
import type { Violation } from './contract.ts';
import { escapeToken } from './pointer.ts';
import { open, type Redaction } from './redaction.ts';
import { repairOf } from './repair.ts';
import { cut, type Failure, sentenceOf } from './sentences.ts';

/** A text of a value, as it is kept with its violation. */
const valueCharsMax = 200;
const pathCharsMax = 500;

/**
 * The schema validator's errors as sentences for a person: at most limits.violationsMax, the last one counting the
 * rest. What they quote of the value is shortened; what is hidden stands nowhere in them.
 */
export function violationsOf(
  errors: readonly ErrorObject[],
  isHidden: Redaction = open,
): readonly Violation[] {
  // `if` fails only because `then` or `else` did, which says more.
  const telling = errors.filter(({ keyword }) => keyword !== 'if');
  const seen = new Map<string, Violation>();
  let more = 0;
  for (const error of telling.length > 0 ? telling : errors) {
    // What is not listed is only counted.
    if (seen.size > limits.violationsMax) more += 1;
    else {
      const violation = violationOf(error, isHidden);
      seen.set(`${violation.path} ${violation.message}`, violation);
    }
  }
  const all = [...seen.values()];
  if (all.length <= limits.violationsMax) return all;
  const listed = all.slice(0, limits.violationsMax - 1);
  const rest = all.length - listed.length + more;
  return [...listed, { path: '', rule: 'more', message: `There are ${rest} more` }];
}

function violationOf(error: ErrorObject, isHidden: Redaction): Violation {
  const { keyword, params, instancePath, data, message } = error;
  const parent = typeof error.parentSchema === 'object' ? error.parentSchema : {};
  const hidden = isHidden(instancePath);
  const failure: Failure = { keyword, path: instancePath, data, params, parent, hidden, said: message };
  const member = memberOf(keyword, params);
  const path = member === null ? instancePath : `${instancePath}/${escapeToken(member)}`;
  const repair = path.length > pathCharsMax ? null : repairOf(failure, path);
  return {
    path: cut(path, pathCharsMax),
    rule: keyword,
    message: sentenceOf(failure),
    ...(member === null && single(failure)),
    ...(hidden && { hidden }),
    ...(repair !== null && { repair }),
  };
}

/** The member that an error is about, where it is not about the object itself. */
function memberOf(keyword: string, params: Readonly<Record<string, unknown>>): string | null {
  const names: Readonly<Record<string, unknown>> = {
    required: params.missingProperty,
    dependentRequired: params.missingProperty,
    dependencies: params.missingProperty,
    additionalProperties: params.additionalProperty,
    unevaluatedProperties: params.unevaluatedProperty,
  };
  const name = names[keyword];
  return typeof name === 'string' ? name : null;
}

function single({ data, hidden }: Failure): Pick<Violation, 'value'> {
  if (hidden || data === undefined || (typeof data === 'object' && data !== null)) return {};
  if (typeof data === 'string') return { value: cut(data, valueCharsMax).toWellFormed() };
  return { value: data as number | boolean | null };
}
