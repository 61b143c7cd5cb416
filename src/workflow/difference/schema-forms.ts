import { compare, isProved, type Run, type Without } from './schema-compare.ts';
import { memberOf } from './schema-members.ts';
import { isSameSchema } from './schema-same.ts';
import { type Choice, type Located, type View, viewOf } from './schema-view.ts';
import { type Finding, finding } from './schema-words.ts';

/** What held before: the schemas, what they say, and the choices that are left out of it. */
interface Before {
  readonly before: readonly Located[];
  readonly was: View;
  readonly without: Without;
}

/** In what the choices (`anyOf`, `oneOf`) of two schemas differ. */
export function choiceFindings(old: Before, is: View, run: Run): Finding[] {
  const kept = new Set(is.choices.map(({ keyword }) => keyword));
  const dropped = old.was.choices
    .filter(({ keyword }) => !kept.has(keyword))
    .map(({ keyword, forms }) => {
      return finding(keyword, `need no longer be one of ${forms.length} forms`, false, {
        before: forms.length,
      });
    });
  return [...dropped, ...is.choices.flatMap((choice) => formFindings(old, choice, run))];
}

function formFindings(old: Before, choice: Choice, run: Run): Finding[] {
  const { keyword, forms } = choice;
  const { choices } = old.was;
  if (choices.some((each) => each.keyword === keyword && isSameSchema(asSchema(each), asSchema(choice))))
    return [];
  const candidates = [...choices].sort(
    (a, b) => Number(b.keyword === keyword) - Number(a.keyword === keyword),
  );
  const [nearest] = candidates;
  const covered =
    takes(old, null, forms, 0, run) ||
    candidates.some((each) => lostForms(old, each, forms, run).length === 0);
  const counts = { before: nearest?.forms.length, after: forms.length };
  if (covered && (keyword === 'anyOf' || areApart(forms))) {
    if (counts.before === undefined || counts.before === counts.after) return [];
    return [finding(keyword, `has ${forms.length} forms now, and had ${counts.before}`, false, counts)];
  }
  if (covered) return [finding(keyword, 'has forms that may hold both, and only one may', null, counts)];
  if (nearest === undefined)
    return [finding(keyword, `must be one of ${forms.length} forms now`, null, counts)];
  return lostForms(old, nearest, forms, run).flatMap((index) =>
    lostFindings(old, nearest, choice, index, run),
  );
}

function asSchema({ keyword, list, forms }: Choice): Located {
  return { schema: { [keyword]: list }, root: forms[0]?.root };
}

/** The forms of a choice, by their index, that none of the present ones surely takes. */
function lostForms(old: Before, choice: Choice, forms: readonly Located[], run: Run): number[] {
  return choice.forms.flatMap((form, index) => {
    return takes(old, { form, choice }, forms, index, run) ? [] : [index];
  });
}

/** Whether one of the forms surely takes all that was accepted, or all that was of one form of a choice. */
function takes(
  { before, without }: Before,
  of: { readonly form: Located; readonly choice: Choice } | null,
  forms: readonly Located[],
  likely: number,
  run: Run,
): boolean {
  const held = of === null ? before : [...before, of.form];
  const left = of === null ? without : new Set([...without, of.choice.list]);
  const inOrder = [...forms.slice(likely, likely + 1), ...forms.filter((_, index) => index !== likely)];
  return inOrder.some((form) => isProved(held, [form], run, left));
}

function lostFindings(old: Before, was: Choice, is: Choice, index: number, run: Run): Finding[] {
  const [form, same] = [was.forms[index], is.forms[index]];
  if (form === undefined) return [];
  const counts = { before: was.forms.length, after: is.forms.length };
  const gone = is.forms.every((each) => areApart([form, each]));
  if (same === undefined || gone) {
    const words = `no longer takes form ${index + 1} of ${was.forms.length}`;
    return [finding(is.keyword, words, gone ? true : null, counts)];
  }
  const alone = is.forms.every((each) => each === same || areApart([form, each]));
  const left = new Set([...old.without, was.list]);
  const lost = compare([...old.before, form], [same], run, left).filter(({ breaking }) => breaking !== false);
  if (lost.length === 0) return [finding(is.keyword, `may no longer take form ${index + 1}`, null, counts)];
  return lost.map((each) => ({ ...each, breaking: alone ? each.breaking : null }));
}

/** Whether no value satisfies two of them: by their kinds, their values, or a required field that tells them apart. */
function areApart(forms: readonly Located[]): boolean {
  const views = forms.map((form) => viewOf([form]));
  return views.every((a, index) => views.slice(index + 1).every((b) => isApart(a, b)));
}

/** Fields of fields are looked at no deeper. */
const depthMax = 3;

function isApart(a: View, b: View, depth = 0): boolean {
  if (a.never || b.never) return true;
  const both = [...a.kinds].filter((kind) => b.kinds.has(kind));
  if (both.length === 0) return true;
  if (a.values !== null && b.values !== null) {
    if ([...a.values, ...b.values].some((value) => typeof value === 'object' && value !== null)) return false;
    const values = new Set(b.values);
    return !a.values.some((value) => values.has(value));
  }
  if (depth === depthMax || both.some((kind) => kind !== 'object')) return false;
  return [...a.required]
    .filter((name) => b.required.has(name))
    .some((name) => isApart(viewOf(memberOf(a, name)), viewOf(memberOf(b, name)), depth + 1));
}
