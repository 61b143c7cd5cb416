import { approvalAfter, nextApproval } from '../../approval/decide.ts';
import { AppError } from '../../errors.ts';
import { nextAttempt } from '../../handoff/next-attempt.ts';
import { undoAnswer } from '../../handoff/undo/draft.ts';
import { plusMs } from '../../platform/instant.ts';
import type { Team } from '../project.ts';
import { msOf } from './compile.ts';
import { discarded, failed, type Life, type PlayedHandoff, passed, released, withHandoff } from './life.ts';
import { notNow, type Played, played } from './played.ts';
import { calledBack, outcomeOf, readBack, told } from './proof.ts';
import type { Step } from './schema.ts';

/** Plays one step of a case: the same deciders that the workers ask, on what the case says the world answers. Pure. */
export function play(life: Life, step: Step, teams: ReadonlyMap<string, Team>): Played {
  const { wait, approve, refuse, answer, read, callback, confirm, deny, discard } = step;
  if (wait !== undefined) return played(passed(life, msOf(wait), teams));
  if (discard !== undefined) return givenUp(life);
  const named = approve ?? refuse ?? answer ?? read ?? callback ?? confirm ?? deny;
  if (named === undefined) return played(life);
  const found = handoffOf(life, named.handoff);
  if (typeof found === 'string') return { ok: false, why: found };
  if (answer !== undefined) return answerTo(life, found, answer);
  if (read !== undefined) return readBack(life, found, read);
  if (callback !== undefined) return calledBack(life, found, callback);
  if (confirm !== undefined || deny !== undefined) return told(life, found, { confirm, deny }, teams);
  const act = {
    approve: approve !== undefined,
    reason: refuse?.reason ?? '',
    by: (approve ?? refuse)?.by ?? '',
  };
  return approval(life, found, act, teams);
}

function givenUp(life: Life): Played {
  if (life.exceptions.length === 0)
    return { ok: false, why: 'no exception stands open that could be discarded' };
  return played(discarded(life));
}

function handoffOf({ handoffs, of }: Life, id: string | undefined): PlayedHandoff | string {
  const wanted = id ?? of.workflow.handoffs[0]?.id ?? '';
  const found = handoffs.find(({ draft }) => draft.handoff === wanted);
  return found ?? `${wanted} was not promised: there is nothing to play`;
}

function approval(
  life: Life,
  handoff: PlayedHandoff,
  act: { readonly approve: boolean; readonly reason: string; readonly by: string },
  teams: ReadonlyMap<string, Team>,
): Played {
  const { approval: asked, draft } = handoff;
  if (asked === null || handoff.state === 'cancelled') return notNow(handoff, 'nobody is asked for a yes');
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
  const outcome = undoAnswer(draft, outcomeOf(draft.destination, answer));
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
