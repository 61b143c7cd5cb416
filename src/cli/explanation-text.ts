import type {
  ExplainedCheck,
  ExplainedConfidence,
  ExplainedHandoff,
  ExplainedRouting,
  ExplainedRule,
  ExplainedScore,
  Explanation,
} from '../workflow/explanation/explanation.ts';
import type { Outcome } from '../workflow/explanation/outcome.ts';
import type { Trace } from '../workflow/explanation/trace.ts';
import type { Counterfactual } from '../workflow/explanation/trials.ts';
import { type Paint, tame } from './output.ts';

/** Why it goes there, below the ladder: fields, checks and routes with what they saw, and what would change the answer. Pure. */
export function explanationLines(explanation: Explanation, paint: Paint): string[] {
  const { fields, checks, routing, handoffs, changes, tried } = explanation;
  return [
    ...section(
      'The ticket’s fields',
      fields.map(({ name, made }) => fieldLine(name, made, paint)),
      paint,
    ),
    ...section(
      'Checks',
      checks.flatMap((check) => checkLines(check, paint)),
      paint,
    ),
    ...section('Routes', routing === null ? [] : routingLines(routing, paint), paint),
    ...section(
      'Handoffs',
      handoffs.flatMap((handoff) => handoffLines(handoff, paint)),
      paint,
    ),
    ...section('What would change the answer', changesLines(changes, tried, paint), paint),
  ];
}

function section(title: string, lines: readonly string[], paint: Paint): string[] {
  return lines.length === 0 ? [] : ['', paint('strong', title), ...lines.map((line) => `  ${line}`)];
}

function fieldLine(name: string, made: Trace, paint: Paint): string {
  const value =
    made.problem === null
      ? tame(made.value ?? '(secret)')
      : paint('bad', `cannot be made: ${tame(made.problem)}`);
  return `${name} = ${value}  ${paint('dim', `from ${tame(made.text)}`)}`;
}

function checkLines({ id, held, otherwise, that }: ExplainedCheck, paint: Paint): string[] {
  const name = held ? id : `${id}: ${tame(otherwise)}`;
  return [`${mark(held, paint)} ${paint('strong', name)}`, ...traceLines(that, paint).map(indented)];
}

function routingLines({ rules, confidence, verdict }: ExplainedRouting, paint: Paint): string[] {
  return [
    ...rules.flatMap((rule) => ruleLines(rule, paint)),
    ...(confidence === null ? [tame(verdict)] : confidenceLines(confidence, paint)),
  ];
}

function ruleLines({ to, held, when, signals }: ExplainedRule, paint: Paint): string[] {
  const head = `${mark(held, paint)} ${paint('name', to)}${when === null ? ', always' : ', when'}`;
  const condition = when === null ? [] : traceLines(when, paint).map(indented);
  if (!held) return [head, ...condition];
  const all = signals.reduce((sum, { weight }) => sum + weight, 0);
  const matched = signals.reduce((sum, signal) => sum + (signal.held ? signal.weight : 0), 0);
  return [
    head,
    ...condition,
    ...signals.flatMap(({ weight, that }) => {
      const [first = '', ...others] = traceLines(that, paint);
      return [`  signal ${weight}: ${first}`, ...others.map((line) => `    ${line}`)];
    }),
    `  scores ${signals.length === 0 ? '1, as it has no signals' : `${matched} of ${all}, ${number(matched / all)}`}`,
  ];
}

/** The confidence, so that it can be read aloud. Pure. */
export function confidenceLines(found: ExplainedConfidence, paint: Paint): string[] {
  const { best, runner_up: second, confidence, threshold, enough } = found;
  const less = second === null ? '' : ` less half of ${scoreText(second)}`;
  const verdict = enough
    ? paint('good', `reaches the threshold ${threshold}`)
    : paint('bad', `below the threshold ${threshold}`);
  return [
    `Confidence ${paint('strong', number(confidence))} = ${scoreText(best)}${less}; ${verdict}`,
    second === null ? 'There is no runner-up' : `The runner-up is ${paint('name', second.to)}`,
  ];
}

function scoreText({ to, score, matched, all }: ExplainedScore): string {
  return `${number(score)} (${to}${all === 0 ? '' : `: ${number(matched)} of ${number(all)}`})`;
}

function handoffLines({ id, when, made, approval, undo }: ExplainedHandoff, paint: Paint): string[] {
  const asked =
    approval === null
      ? ''
      : approval.asked
        ? `, waits for the yes of ${approval.by}`
        : `, needs no yes of ${approval.by}`;
  return [
    `${mark(made, paint)} ${paint('strong', id)}${made ? `${when === null ? ', always' : ''}${asked}` : ' is not made'}`,
    ...(undo === null || !made
      ? []
      : [
          `  taken back by ${tame(undo.operation)} ${undo.when === 'refused' ? 'as soon as what comes after it is refused' : 'when the ticket is discarded or decided again'}`,
        ]),
    ...(when === null ? [] : traceLines(when, paint).map(indented)),
    ...(approval?.when == null || !made
      ? []
      : ['  a yes is needed when', ...traceLines(approval.when, paint).map(indented)]),
  ];
}

function changesLines(changes: readonly Counterfactual[], tried: number, paint: Paint): string[] {
  if (changes.length > 0) return changes.flatMap((change) => changeLines(change, paint));
  return tried === 0 ? [] : [`No single value of the payload: ${tried} other values were tried`];
}

function changeLines({ change, becomes }: Counterfactual, paint: Paint): string[] {
  return [`if ${tame(change)}`, `  ${paint('dim', '→')} ${outcomeText(becomes, paint)}`];
}

/** Where a decision leads, in half a sentence. Pure. */
export function outcomeText(
  { kind, route, confidence, exception, handoffs, approvals }: Outcome,
  paint: Paint,
): string {
  if (kind === 'rejected') return 'it would be refused (422)';
  if (kind === 'joined') return 'it would join an earlier ticket';
  if (exception !== null) return `${paint('warn', exception.mode)}: ${tame(exception.because)}`;
  const handed = handoffs.length === 0 ? ', without a handoff' : '';
  const asked = approvals.length === 0 ? '' : `, after the yes of ${approvals.join(', ')}`;
  return `${paint('name', route ?? '')} with confidence ${number(confidence ?? 1)}${handed}${asked}`;
}

const joins = { all: 'all of', any: 'one of', not: 'not', choice: 'if, then, else', atom: '' } as const;

/** A condition with its parts below it, each true or false with the values that it read. */
function traceLines(trace: Trace, paint: Paint): string[] {
  const { how, parts, text, held, problem, saw, value } = trace;
  const sign = held === null && problem === null ? paint('dim', '=') : mark(held === true, paint);
  if (parts.length > 0)
    return [`${sign} ${joins[how]}`, ...parts.flatMap((part) => traceLines(part, paint)).map(indented)];
  const read = saw
    .map(({ path, value: there }) => `${path} ${there === null ? 'is not there' : `is ${there}`}`)
    .join(', ');
  const found = held === null && problem === null ? `is ${value ?? '(secret)'}; ${read}` : read;
  return [`${sign} ${tame(text)}  ${paint('dim', tame(problem ?? found))}`];
}

function mark(good: boolean, paint: Paint): string {
  return good ? paint('good', '✔') : paint('bad', '✘');
}

function indented(line: string): string {
  return `  ${line}`;
}

function number(value: number): string {
  return String(Math.round(value * 1_000) / 1_000);
}
