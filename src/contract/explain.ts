import type { ErrorObject } from 'ajv';
import type { Violation } from './contract.ts';
import { type JudgeForm, meantErrors } from './forms.ts';
import { patched } from './patch.ts';
import { redactionOf } from './redaction.ts';
import { violationsOf } from './violation.ts';

/** What explaining needs of a compiled contract. Its errors are all of them, with their values. */
export interface Judge {
  readonly schema: unknown;
  judge(value: unknown): readonly ErrorObject[];
  judgeForm: JudgeForm;
}

/** Tells people what is wrong with values: the violations that count, with repairs that were tried on the value. */
export function explainer({ schema, judge, judgeForm }: Judge): (value: unknown) => readonly Violation[] {
  const isHidden = redactionOf(schema);
  const violations = (value: unknown) => violationsOf(meantErrors(schema, judge(value), judgeForm), isHidden);
  return (value) => {
    const found = violations(value);
    const patch = found.flatMap(({ repair }) => repair?.patch ?? []);
    if (patch.length === 0) return found;
    const left = violations(patched(value, patch)).map(({ path }) => path);
    const isSound = (path: string) => !left.some((each) => each === path || each.startsWith(`${path}/`));
    const isMended = ({ path, repair }: Violation) =>
      isSound(path) && repair?.patch.every((step) => isSound(step.path)) === true;
    return found.map((violation) => {
      const { repair, ...rest } = violation;
      return repair === undefined || isMended(violation) ? violation : rest;
    });
  };
}
