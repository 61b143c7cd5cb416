import type { Violation } from '../contract/contract.ts';
import type { Decision, Reason, Stopped } from '../decision.ts';
import type { HandoffDraft } from '../handoff/handoff.ts';
import { sameText } from '../outcome/same.ts';
import { formatDuration } from '../workflow/duration.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';
import { type Paint, tame } from './output.ts';

const rungs = ['contract', 'dedupe', 'transform', 'checks', 'routing', 'handoff'] as const;

/** A decision as the ladder that it climbed, with the reason of every rung. Pure. */
export function decisionText(workflow: CompiledWorkflow, decision: Decision, paint: Paint): string {
  const heading = `${paint('strong', workflow.name)} @ ${workflow.version.slice(0, 10)}`;
  const identity = `identity ${tame(decision.identity.identity)}, recognised for ${formatDuration(workflow.trigger.duplicates.withinMs)}`;
  return [
    heading,
    paint('dim', identity),
    '',
    ...ladder(decision, paint),
    '',
    ...ending(workflow, decision, paint),
  ].join('\n');
}

function ladder(decision: Decision, paint: Paint): string[] {
  const byRung = new Map(decision.reasons.map((reason) => [reason.rung as string, reason]));
  const last = decision.reasons.at(-1);
  return rungs.flatMap((rung) => {
    const reason = byRung.get(rung);
    if (reason === undefined) {
      // Nothing to say at dedupe is good news; a rung after the last reason was not reached.
      return rung === 'dedupe' && reached(decision, 'transform')
        ? [line(paint('good', '✔'), rung, 'No earlier ticket holds this identity')]
        : [line(paint('dim', '·'), rung, paint('dim', 'not reached'))];
    }
    const stopped = reason === last && !isRouted(decision);
    const mark = stopped ? paint(decision.kind === 'joined' ? 'warn' : 'bad', '✘') : paint('good', '✔');
    return [line(mark, rung, tame(reason.text))];
  });
}

function isRouted(decision: Decision): boolean {
  return decision.kind === 'revised' ? isRouted(decision.becomes) : decision.kind === 'routed';
}

function reached(decision: Decision, rung: Reason['rung']): boolean {
  return decision.reasons.some((reason) => reason.rung === rung);
}

function line(mark: string, rung: string, text: string): string {
  return `  ${mark} ${rung.padEnd(9)} ${text}`;
}

function ending(workflow: CompiledWorkflow, decision: Decision, paint: Paint): string[] {
  switch (decision.kind) {
    case 'joined':
      return [`It would join ticket ${decision.ticketId}.`];
    case 'revised':
      return [
        `It would be new content for ticket ${decision.ticketId}, which is decided again:`,
        ...ending(workflow, decision.becomes, paint),
      ];
    case 'rejected':
      return ['It would be refused (422) and recorded:', ...violationLines(decision.violations, paint)];
    case 'stopped':
      return stoppedLines(decision, paint);
    case 'routed':
      return [
        `It would go to ${paint('name', decision.route.to)}, owned by ${workflow.owner} until it is confirmed.`,
        ...decision.handoffs.flatMap((handoff, index) => handoffLines(handoff, index, paint)),
        ...(decision.handoffs.length === 0 ? ['No handoff: it would be done.'] : []),
      ];
  }
}

function stoppedLines({ exception }: Stopped, paint: Paint): string[] {
  const { mode, summary, policy, checklist, detail } = exception;
  const violations: readonly Violation[] = Array.isArray(detail.violations) ? detail.violations : [];
  return [
    `It would stand in the exception queue as ${paint('bad', mode)}: ${tame(summary)}`,
    ...violationLines(violations, paint),
    `  on ${paint('name', policy.owner)}, then ${policy.alternate}${policy.escalate.map((ref) => `, ${ref}`).join('')}`,
    `  claimed within ${formatDuration(policy.ttlMs)}, resolved within ${formatDuration(policy.resolveWithinMs)}`,
    ...checklist.map((point, index) => `  ☐ ${index + 1} ${tame(point)}`),
  ];
}

/** What is wrong with a payload, and what would mend it. */
function violationLines(violations: readonly Violation[], paint: Paint): string[] {
  return violations.flatMap(({ path, message, repair }) => [
    paint('dim', `  · ${tame(`${message} (${path || 'whole'})`)}`),
    ...(repair === undefined ? [] : [paint('dim', `    → ${tame(repair.text)}`)]),
  ]);
}

function handoffLines(handoff: HandoffDraft, index: number, paint: Paint): string[] {
  const { request, outcome, approval, retry, after, undo } = handoff;
  const body = request.body === undefined ? [] : JSON.stringify(request.body, null, 2).split('\n');
  const proof = [
    ...(outcome.same.length > 0 ? [`${outcome.same.map(sameText).join(', ')} stand as sent`] : []),
    ...(outcome.that === null ? [] : [outcome.that]),
    ...(outcome.kind !== 'confirm' && outcome.gone ? ['it is gone'] : []),
  ];
  return [
    '',
    `${index + 1} ${paint('strong', handoff.handoff)} → ${paint('name', handoff.destination)}`,
    ...(approval === null
      ? []
      : [`  waits for the yes of ${approval.by}, ${formatDuration(approval.withinMs)} long`]),
    ...(after.length === 0 ? [] : [`  waits until ${after.join(', ')} is confirmed`]),
    `  ${request.method} ${tame(request.path)}`,
    ...body.map((text) => paint('dim', `    ${tame(text)}`)),
    `  tried up to ${retry.attemptsMax} times in ${formatDuration(retry.forMs)}`,
    `  proved by ${proverText(outcome)} within ${formatDuration(outcome.withinMs)}${proof.length === 0 ? '' : `: ${proof.join('; ')}`}`,
    ...(undo === undefined
      ? []
      : [
          `  taken back by ${undo.request.method} ${tame(undo.request.path)}${undo.destination === undefined ? '' : ` at ${undo.destination}`} ${undoTexts[undo.when]}`,
        ]),
  ];
}

const undoTexts = {
  abandoned: 'when the ticket is discarded or decided again',
  refused: 'as soon as what comes after it is refused',
} as const;

function proverText(outcome: HandoffDraft['outcome']): string {
  if (outcome.kind === 'confirm') return outcome.by;
  if (outcome.kind === 'callback') return `a callback${outcome.from === null ? '' : ` from ${outcome.from}`}`;
  return `${outcome.method} ${outcome.path}`;
}
