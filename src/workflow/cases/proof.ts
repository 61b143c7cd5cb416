import { AppError } from '../../errors.ts';
import { answered } from '../../handoff/connectors/outcome.ts';
import type { AttemptOutcome } from '../../handoff/handoff.ts';
import { fillRequest } from '../../handoff/request.ts';
import { payloadOf } from '../../intake/split.ts';
import { nextConfirmation } from '../../outcome/confirmation/decide.ts';
import { filledRequest } from '../../outcome/link.ts';
import {
  judge,
  judgeRecord,
  type NextProbe,
  nextProbe,
  type OutcomeRules,
  type Reading,
  rulesOf,
} from '../../outcome/next-probe.ts';
import type { CallbackPlan, ReadPlan } from '../../outcome/plan.ts';
import { ExpressionError, type Scope } from '../expression.ts';
import type { Team } from '../project.ts';
import { failed, type Life, type PlayedHandoff, released, withHandoff } from './life.ts';
import { notNow, type Played, played } from './played.ts';
import type { Step } from './schema.ts';

/** How the outcome of a handoff is played: what is read back, called back, or told by a person. */

export function readBack(life: Life, handoff: PlayedHandoff, read: NonNullable<Step['read']>): Played {
  const { confirmBy, draft, state, compiled } = handoff;
  if (compiled.outcome.read === null) return notNow(handoff, 'its outcome is not read back');
  if (state !== 'confirming' || confirmBy === null)
    return notNow(handoff, 'there is nothing to read back yet');
  const now = read.early === true ? life.now : confirmBy;
  const reading = readingOf(life, handoff, draft.outcome as ReadPlan, read);
  return judged({ ...life, now }, handoff, reading, nextProbe(reading, handoff.probes + 1, confirmBy, now));
}

/** What the destination says by itself. A callback is the last word, but where `until` says which one is. */
export function calledBack(
  life: Life,
  handoff: PlayedHandoff,
  callback: NonNullable<Step['callback']>,
): Played {
  const { draft, confirmBy, state } = handoff;
  const plan = draft.outcome;
  if (plan.kind !== 'callback') return notNow(handoff, 'its outcome waits for no callback');
  if (state !== 'confirming' || confirmBy === null) return notNow(handoff, 'it waits for no callback now');
  const reading = judgeRecord(rulesFor(life, handoff, plan), callback.body ?? null);
  if (reading.verdict === 'pending') return judged(life, handoff, reading, { kind: 'again', at: confirmBy });
  const stands = reading.verdict === 'stands';
  return judged(life, handoff, reading, { kind: stands ? 'confirmed' : 'contradicted' });
}

function judged(at: Life, handoff: PlayedHandoff, reading: Reading, decided: NextProbe): Played {
  const { draft } = handoff;
  const { compared, verdict, text } = reading;
  const probes = handoff.probes + 1;
  const different = compared.filter(({ equal }) => !equal).map(({ field }) => field);
  const reason = { rung: 'handoff', code: verdict, text } as const;
  switch (decided.kind) {
    case 'confirmed': {
      const change = { state: 'confirmed', outcome: 'confirmed', due: null, probes, different } as const;
      return played(released(withHandoff(at, draft.handoff, change, reason)));
    }
    case 'again':
      return played(withHandoff(at, draft.handoff, { due: decided.at, probes, different }, reason));
    default: {
      const change = { outcome: decided.kind, probes, different };
      return played(
        failed(at, handoff, decided.kind, { summary: text, detail: { verdict, compared } }, change),
      );
    }
  }
}

/** What a person says who was asked. */
export function told(
  life: Life,
  handoff: PlayedHandoff,
  { confirm, deny }: Pick<Step, 'confirm' | 'deny'>,
  teams: ReadonlyMap<string, Team>,
): Played {
  const { draft, confirmBy, state } = handoff;
  const { outcome } = draft;
  if (outcome.kind !== 'confirm') return notNow(handoff, 'its outcome waits for nobody’s word');
  if (state !== 'confirming' || confirmBy === null) return notNow(handoff, 'nobody is asked yet');
  const asked = { state: 'waiting', dueAt: confirmBy, remindAt: null, remindedAt: null, ...outcome } as const;
  const all = outcome.checklist.map((_, index) => index + 1);
  const word = {
    confirm: confirm !== undefined,
    evidence: (confirm ?? deny)?.evidence ?? '',
    checked: confirm?.checked ?? all,
    actor: (confirm ?? deny)?.by ?? '',
  };
  try {
    const decided = nextConfirmation(asked, { kind: 'decide', ...word }, teams, life.now);
    const text = 'text' in decided ? decided.text : '';
    const verdict = decided.kind === 'confirmed' ? 'stands' : 'wrong';
    const kind = decided.kind === 'confirmed' ? 'confirmed' : 'contradicted';
    return judged(life, handoff, { verdict, text, compared: [] }, { kind });
  } catch (error) {
    if (error instanceof AppError) return { ok: false, why: error.message };
    throw error;
  }
}

/** As the prober reads: its parameters first, which may not be had, then the record against its rules. */
function readingOf(
  life: Life,
  handoff: PlayedHandoff,
  plan: ReadPlan,
  read: NonNullable<Step['read']>,
): Reading {
  const parameters = handoff.compiled.outcome.read?.parameters ?? [];
  try {
    const scope = scopeOf(life, handoff);
    const values = parameters.map(({ value, ...rest }) => ({ ...rest, value: value.evaluate(scope) }));
    const filled = fillRequest(plan.path, values);
    if (!filled.ok) throw new ExpressionError(filled.problem);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { verdict: 'unaskable', text: `The outcome cannot be read: ${error.message}`, compared: [] };
  }
  return judge(rulesFor(life, handoff, plan), outcomeOf(handoff.draft.destination, read));
}

function rulesFor(life: Life, handoff: PlayedHandoff, plan: ReadPlan | CallbackPlan): OutcomeRules {
  return rulesOf(handoff.draft, plan, scopeOf(life, handoff));
}

function scopeOf({ of, decision }: Life, { draft, response }: PlayedHandoff): Scope {
  const parsed = payloadOf(of.workflow.trigger, of.trigger);
  const decided = decision.kind === 'revised' ? decision.becomes : decision;
  return {
    payload: parsed.ok ? parsed.value : null,
    ticket: 'fields' in decided ? decided.fields : {},
    request: filledRequest(draft, caseCallback).body ?? null,
    response: draft.undoes === undefined ? response : draft.undoes.response,
  };
}

/** What stands for the address and the key that a real target is given. */
const caseCallback = { url: 'https://signalbox.example/in/outcome/case', key: 'sb_case' };

type Answer = Pick<NonNullable<Step['answer']>, 'status' | 'body' | 'headers' | 'lost'>;

/** What the connector would have made of it. */
export function outcomeOf(
  destination: string,
  { status = 200, body, headers = {}, lost }: Answer,
): AttemptOutcome {
  if (lost === 'not_sent' || lost === 'unknown') {
    const detail =
      lost === 'not_sent' ? `${destination} could not be reached` : `${destination} did not answer`;
    return { result: lost, status: null, detail, excerpt: null, retryAfter: null };
  }
  const text = body === undefined ? '' : JSON.stringify(body);
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return answered(destination, { status, text, tooLong: false, headers: Object.fromEntries(named) });
}
