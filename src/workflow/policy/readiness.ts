import { formatDuration } from '../duration.ts';
import type { CompiledHandoff, CompiledWorkflow } from '../workflow.ts';
import { withoutChecklist } from './checklists.ts';
import { demandsSomething, raisableModes } from './failure-modes.ts';

/** What a workflow needs before work is trusted to it, in the order in which it is told. */
export const readinessParts = [
  'trigger',
  'owner',
  'source of truth',
  'routing rule',
  'failure mode',
  'QA signal',
  'reporting metric',
  'recovery path',
] as const;

type ReadinessPart = (typeof readinessParts)[number];

/** What to write where a part is missing. */
export const readinessHelp: Readonly<Record<ReadinessPart, string>> = {
  trigger: 'say where work comes from: `trigger: { source: …, contract: … }`',
  owner: 'say who answers for it: `owner: team:growth`, `alternate: person:dana`',
  'source of truth':
    'give the trigger a contract that demands something, or prove a handoff by its `outcome`',
  'routing rule': 'say who gets what: `routes: { rules: [{ to: team:web, when: … }] }`',
  'failure mode':
    'say who settles what goes wrong, and by when: `exceptions: { owner: …, ttl: 15m, resolve_within: 1d }`',
  'QA signal': 'add a check, or prove a handoff by its `outcome`',
  'reporting metric': 'say in one sentence which figure tells that it does well: `metric: …`',
  'recovery path': 'say who comes after the alternate: `exceptions: { escalate: [person:coo] }`',
};

export interface Readiness {
  readonly workflow: string;
  /** What the workflow says of each part, in words; null: it says nothing. */
  readonly parts: Readonly<Record<ReadinessPart, string | null>>;
}

type Parts = Omit<CompiledWorkflow, 'version'>;

/** Whether a workflow has all that it needs; also of one that does not compile, as far as it can be read. Pure. */
export function readinessOf(workflow: Parts): Readiness {
  return {
    workflow: workflow.name,
    parts: {
      trigger: trigger(workflow),
      owner: owner(workflow),
      'source of truth': sourceOfTruth(workflow),
      'routing rule': routing(workflow),
      'failure mode': failureModes(workflow),
      'QA signal': quality(workflow),
      'reporting metric': workflow.metric,
      'recovery path': recovery(workflow),
    },
  };
}

function trigger({ trigger: { source, expectEveryMs } }: Parts): string | null {
  if (source === '') return null;
  return expectEveryMs === null ? source : `${source}, at least every ${formatDuration(expectEveryMs)}`;
}

function owner(workflow: Parts): string | null {
  const both: readonly string[] = [workflow.owner, workflow.alternate];
  return both.includes('') ? null : both.join(', then ');
}

/** The contract is the truth of what came in; the record that is read back, of what became of it. */
function sourceOfTruth({ trigger: { contract }, handoffs }: Parts): string | null {
  const records = handoffs.filter((handoff) => proves(handoff) && handoff.outcome.confirm === undefined);
  const read = [...new Set(records.map(({ destination }) => destination))];
  const stated = [
    demandsSomething(contract.schema) ? contract.name : '',
    read.length > 0 ? `read back from ${read.join(', ')}` : '',
  ].filter((each) => each !== '');
  return stated.length === 0 ? null : stated.join('; ');
}

function routing({ routes: { rules, threshold, otherwise } }: Parts): string | null {
  const to = [...new Set(rules.map((rule): string => rule.to))].filter((ref) => ref !== '');
  if (to.length === 0) return null;
  return `${counted(rules.length, 'rule')} to ${to.join(', ')}; triage below ${threshold}; otherwise ${otherwise}`;
}

function failureModes(workflow: Parts): string | null {
  const { ttlMs, resolveWithinMs } = workflow.exceptions;
  if (ttlMs === 0 || resolveWithinMs === 0) return null;
  const modes = counted(raisableModes(workflow).length, 'failure mode');
  return `${modes}, taken within ${formatDuration(ttlMs)}, settled within ${formatDuration(resolveWithinMs)}`;
}

function quality({ checks, handoffs }: Parts): string | null {
  const proofs = handoffs.filter(proves).length;
  const stated = [
    checks.length > 0 ? counted(checks.length, 'check') : '',
    proofs > 0 ? counted(proofs, 'proved handoff') : '',
  ].filter((each) => each !== '');
  return stated.length === 0 ? null : stated.join(', ');
}

/** Who has it after owner and alternate, and what they go through. */
function recovery(workflow: Parts): string | null {
  const { owner: first, alternate, escalate } = workflow.exceptions;
  if (escalate.length === 0) return null;
  const rungs = [first, alternate, ...escalate];
  const own = raisableModes(workflow).length - withoutChecklist(workflow).length;
  return `${rungs.join(', then ')}; ${counted(own, 'checklist')} of its own`;
}

function proves({ outcome }: CompiledHandoff): boolean {
  return outcome.confirm !== undefined || outcome.that !== null || outcome.same.length > 0;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
