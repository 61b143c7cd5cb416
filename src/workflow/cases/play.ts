import { approvalAfter, nextApproval } from '../../approval/decide.ts';
import { AppError } from '../../errors.ts';
import { answered } from '../../handoff/connectors/outcome.ts';
import type { AttemptOutcome } from '../../handoff/handoff.ts';
import { nextAttempt } from '../../handoff/next-attempt.ts';
import { fillRequest } from '../../handoff/request.ts';
import { payloadOf } from '../../intake/split.ts';
import { judge, nextProbe, type Reading } from '../../outcome/next-probe.ts';
import { plusMs } from '../../platform/instant.ts';
import { ExpressionError, type Scope } from '../expression.ts';
import type { Team } from '../project.ts';
import { msOf } from './compile.ts';
import { failed, type Life, type PlayedHandoff, passed, released, withHandoff } from './life.ts';
import type { Step } from './schema.ts';

/** What a step leads to, or why it cannot happen: one sentence. */
export type Played =
  | { readonly ok: true; readonly life: Life }
  | { readonly ok: false; readonly why: string };

/** Plays one step of a case: the same deciders that the workers ask, on what the case says the world answers. Pure. */
export function play(life: Life, step: Step, teams: ReadonlyMap<string, Team>): Played {
  const { wait, approve, refuse, answer, read } = step;
  if (wait !== undefined) return played(passed(life, msOf(wait), teams));
  const named = approve ?? refuse ?? answer ?? read;
  if (named === undefined) return played(life);
  const found = handoffOf(life, named.handoff);
  if (typeof found === 'string') return { ok: false, why: found };
  if (answer !== undefined) return answerTo(life, found, answer);
  if (read !== undefined) return readBack(life, found, read);
  const act = {
    approve: approve !== undefined,
    reason: refuse?.reason ?? '',
    by: (approve ?? refuse)?.by ?? '',
  };
  return approval(life, found, act, teams);
}

function played(life: Life): Played {
  return { ok: true, life };
}

function handoffOf({ handoffs, of }: Life, id: string | undefined): PlayedHandoff | string {
  const wanted = id ?? of.workflow.handoffs[0]?.id ?? '';
  const found = handoffs.find(({ draft }) => draft.handoff === wanted);
  return found ?? `${wanted} was not promised: there is nothing to play`;
}

function notNow({ draft, state }: PlayedHandoff, what: string): Played {
  return { ok: false, why: `${draft.handoff} is ${state.replace('_', ' ')}: ${what}` };
}

function approval(
  life: Life,
  handoff: PlayedHandoff,
  act: { readonly approve: boolean; readonly reason: string; readonly by: string },
  teams: ReadonlyMap<string, Team>,
): Played {
  const { approval: asked, draft } = handoff;
  if (asked === null) return notNow(handoff, 'nobody is asked for a yes');
  try {
    const { approve, reason: given, by: actor } = act;
    const decision = { kind: 'decide', approve, reason: given, actor, acted: new Set<string>() } as const;
    const decided = nextApproval(asked, decision, teams, life.now);
    const settled = approvalAfter(asked, decided, { actor, reason: given }, life.now);
    if (decided.kind === 'counted') {
      const reason = { rung: 'approval', code: 'counted', text: decided.text } as const;
      return played(withHandoff(life, draft.handoff, { approval: settled }, reason));
    }
    if (decided.kind === 'approved') {
      const reason = { rung: 'approval', code: 'approved', text: decided.text } as const;
      return played(
        released(withHandoff(life, draft.handoff, { state: 'waiting', approval: settled }, reason)),
      );
    }
    if (decided.kind !== 'refused') return played(life);
    const summary = `${draft.handoff} to ${draft.destination} was not approved: ${decided.text}`;
    return played(failed(life, handoff, 'refused', { summary }, { approval: settled }));
  } catch (error) {
    // A yes that this person cannot give is what a case may want to find out.
    if (error instanceof AppError) return { ok: false, why: error.message };
    throw error;
  }
}

/** One attempt after another, until one of them is not tried again. */
function answerTo(life: Life, handoff: PlayedHandoff, answer: NonNullable<Step['answer']>): Played {
  let after = life;
  for (let times = answer.times ?? 1; times > 0; times -= 1) {
    const current = handoffOf(after, handoff.draft.handoff);
    if (typeof current === 'string') return { ok: false, why: current };
    if (current.state !== 'ready') return notNow(current, 'nothing is sent, so that nothing is answered');
    after = attempted(after, current, answer);
  }
  return played(after);
}

function attempted(life: Life, handoff: PlayedHandoff, answer: NonNullable<Step['answer']>): Life {
  const { draft, compiled, giveUpAt } = handoff;
  const attempts = handoff.attempts + 1;
  // The clock goes on to when the attempt is due.
  const now = handoff.due !== null && handoff.due > life.now ? handoff.due : life.now;
  const at = { ...life, now };
  const outcome = outcomeOf(draft.destination, answer);
  const { destination, retry } = draft;
  const { responseContract } = compiled.request;
  const facts = { destination, attempts, attemptsMax: retry.attemptsMax, giveUpAt, responseContract };
  const decided = nextAttempt(facts, outcome, now, 1);
  switch (decided.kind) {
    case 'accepted': {
      const confirmBy = plusMs(now, draft.outcome.withinMs);
      const change = {
        state: 'confirming',
        attempts,
        due: confirmBy,
        confirmBy,
        response: outcome.body ?? null,
      } as const;
      return withHandoff(at, draft.handoff, change, ...decided.reasons);
    }
    case 'retry':
      return withHandoff(at, draft.handoff, { attempts, due: decided.at }, ...decided.reasons);
    case 'failed': {
      const { mode, summary, violations } = decided;
      return failed(at, handoff, mode, { summary, detail: { violations } }, { attempts });
    }
  }
}

type Answer = Pick<NonNullable<Step['answer']>, 'status' | 'body' | 'headers' | 'lost'>;

/** What the connector would have made of it. */
function outcomeOf(destination: string, { status = 200, body, headers = {}, lost }: Answer): AttemptOutcome {
  if (lost === 'not_sent' || lost === 'unknown') {
    const detail =
      lost === 'not_sent' ? `${destination} could not be reached` : `${destination} did not answer`;
    return { result: lost, status: null, detail, excerpt: null, retryAfter: null };
  }
  const text = body === undefined ? '' : JSON.stringify(body);
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return answered(destination, { status, text, tooLong: false, headers: Object.fromEntries(named) });
}

function readBack(life: Life, handoff: PlayedHandoff, read: NonNullable<Step['read']>): Played {
  const { confirmBy, draft, state } = handoff;
  if (state !== 'confirming' || confirmBy === null)
    return notNow(handoff, 'there is nothing to read back yet');
  const now = read.early === true ? life.now : confirmBy;
  const at = { ...life, now };
  const reading = readingOf(life, handoff, read);
  const probes = handoff.probes + 1;
  const different = reading.compared.filter(({ equal }) => !equal).map(({ field }) => field);
  const decided = nextProbe(reading, probes, confirmBy, now);
  const reason = { rung: 'handoff', code: reading.verdict, text: reading.text } as const;
  switch (decided.kind) {
    case 'confirmed': {
      const change = { state: 'confirmed', outcome: 'confirmed', due: null, probes, different } as const;
      return played(released(withHandoff(at, draft.handoff, change, reason)));
    }
    case 'again':
      return played(withHandoff(at, draft.handoff, { due: decided.at, probes, different }, reason));
    case 'contradicted':
    case 'unconfirmed': {
      const { compared, verdict, text } = reading;
      const change = { outcome: decided.kind, probes, different };
      return played(
        failed(at, handoff, decided.kind, { summary: text, detail: { verdict, compared } }, change),
      );
    }
  }
}

/** As the prober reads: its parameters first, which may not be had, then the record against its rules. */
function readingOf({ of, decision }: Life, handoff: PlayedHandoff, read: NonNullable<Step['read']>): Reading {
  const { draft, compiled, response } = handoff;
  const { outcome } = compiled;
  const parsed = payloadOf(of.workflow.trigger, of.trigger);
  const decided = decision.kind === 'revised' ? decision.becomes : decision;
  const scope: Scope = {
    payload: parsed.ok ? parsed.value : null,
    ticket: 'fields' in decided ? decided.fields : {},
    request: draft.request.body ?? null,
    response,
  };
  try {
    const parameters = outcome.read.parameters.map(({ value, ...rest }) => ({
      ...rest,
      value: value.evaluate(scope),
    }));
    const filled = fillRequest(outcome.read.path, parameters);
    if (!filled.ok) throw new ExpressionError(filled.problem);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { verdict: 'unaskable', text: `The outcome cannot be read: ${error.message}`, compared: [] };
  }
  const { destination } = draft;
  const holds = (result: unknown) => {
    if (outcome.that === null) return true;
    try {
      return outcome.that.evaluate({ ...scope, result }) === true;
    } catch (error) {
      if (error instanceof ExpressionError) return null;
      throw error;
    }
  };
  const that = outcome.that?.source ?? null;
  const rules = { destination, sent: draft.request.body, same: outcome.same, that, holds };
  return judge(rules, outcomeOf(destination, read));
}
