import { patched } from '../../contract/patch.ts';
import { decide } from '../../decide.ts';
import type { Facts, Trigger } from '../../decision.ts';
import { limits } from '../../limits.ts';
import type { CompiledWorkflow } from '../workflow.ts';
import { type Change, changed, changesOf } from './counterfactual.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { pathText } from './path.ts';
import type { IsSecret } from './secrecy.ts';
import { shown } from './trace.ts';

/** A single change of a payload that would have led elsewhere. */
export interface Counterfactual {
  /** `payload.budget is 2000, not 1500` */
  readonly change: string;
  readonly becomes: Outcome;
}

/** What is tried, and against what. */
export interface Trial {
  readonly trigger: Trigger;
  readonly facts: Facts;
  readonly now: Date;
  readonly payload: unknown;
  readonly outcome: Outcome;
  readonly isSecret: IsSecret;
}

/** Modes that a changed payload comes to because it is no longer a payload, which teaches nothing. */
const uninteresting: ReadonlySet<string> = new Set(['contract_violation', 'transform_failed', 'unparseable']);

/**
 * Decides changed payloads, the smallest change first, and keeps for each place the first that comes to something. At most
 * limits.explanationTriesMax and limits.explanationBytesMax of them. Pure.
 */
export function counterfactuals(workflow: CompiledWorkflow, trial: Trial) {
  const { trigger, facts, now, payload, outcome, isSecret } = trial;
  if (outcome.kind === 'joined') return { changes: [], tried: 0 };
  const fitting = Math.floor(limits.explanationBytesMax / trigger.body.length);
  const most = Math.min(fitting, limits.explanationTriesMax);
  const attempts = attemptsOf(workflow, payload, isSecret).slice(0, most);
  const found = new Map<string, Counterfactual>();
  for (const { place, change, payload: tried } of attempts) {
    if (found.size >= limits.explanationChangesMax) break;
    const becomes = outcomeOf(decide(workflow, withPayload(trigger, tried), facts, now));
    if (uninteresting.has(becomes.exception?.mode ?? '') || becomes.kind === 'rejected') continue;
    const key = JSON.stringify([place, becomes]);
    if (!same(becomes, outcome) && !found.has(key)) found.set(key, { change, becomes });
  }
  // What stands with a person is to be got off again: what would do that comes first.
  const settles = ({ becomes }: Counterfactual) => outcome.exception !== null && becomes.exception === null;
  const changes = [...found.values()];
  return {
    changes: [...changes.filter(settles), ...changes.filter((each) => !settles(each))],
    tried: attempts.length,
  };
}

interface Attempt {
  /** Of two changes in one place that come to the same, only the smaller is told. */
  readonly place: string;
  readonly change: string;
  readonly payload: unknown;
}

function attemptsOf(workflow: CompiledWorkflow, payload: unknown, isSecret: IsSecret): Attempt[] {
  const violations = workflow.trigger.contract.validate(payload);
  const repairs = violations.flatMap(({ repair }) => (repair === undefined ? [] : [repair]));
  const all = {
    text: repairs.map(({ text }) => text).join(', '),
    patch: repairs.flatMap(({ patch }) => patch),
  };
  const repaired = [...repairs, ...(repairs.length > 1 ? [all] : [])].map(({ text, patch }) => ({
    place: text,
    change: text,
    payload: patched(payload, patch),
  }));
  const changes = changesOf(
    workflow,
    payload,
    violations.map(({ path }) => path),
  );
  const single = changes
    .filter(({ steps }) => !isSecret({ root: 'payload', steps }))
    .map((change) => ({
      place: change.to === undefined ? 'left out' : pathText('payload', change.steps),
      change: changeText(change),
      payload: changed(payload, change),
    }));
  return [...repaired, ...single];
}

function changeText({ steps, from, to, resized }: Change): string {
  const path = pathText('payload', steps);
  if (resized) {
    const lengths = [to, from].map((value) => (value as string).length);
    return `${path} has ${lengths[0]} ${typeof to === 'string' ? 'characters' : 'elements'}, not ${lengths[1]}`;
  }
  if (to === undefined) return `${path} is left out`;
  return from === undefined
    ? `${path} is there: ${shown(to)}`
    : `${path} is ${shown(to)}, not ${shown(from)}`;
}

/** As a person's repaired payload is decided: JSON, one trigger. */
function withPayload(trigger: Trigger, payload: unknown): Trigger {
  const contentType = /json/i.test(trigger.contentType) ? trigger.contentType : 'application/json';
  return { ...trigger, contentType, body: Buffer.from(JSON.stringify(payload)), part: trigger.part ?? 0 };
}

function same(a: Outcome, b: Outcome): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
