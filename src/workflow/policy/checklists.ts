import { stringify } from 'yaml';
import { defaultChecklists } from '../../exceptions/checklists.ts';
import { type FailureMode, failureModes } from '../../exceptions/exception.ts';
import { isMapping, type Place } from '../place.ts';
import type { CompiledWorkflow } from '../workflow.ts';
import { raisableModes } from './failure-modes.ts';

/** Modes whose lists are proposed in the finding; the reference has them all. */
const proposalsMax = 2;

/** Reports, once a workflow, the failure modes that it can stop with and has no checklist for. `place`: the workflow file. */
export function checkChecklists(place: Place, workflow: Omit<CompiledWorkflow, 'version'>): void {
  const section = place.get('exceptions');
  const modes = raisableModes(workflow);
  const bare = withoutChecklist(workflow);
  const on = section.get('on');
  // A misspelt mode is reported as such; it may be the one that seems to have none.
  const misspelt = on.entries().some(([mode]) => !failureModes.some((known) => known === mode));
  if (!isMapping(section.value) || misspelt || bare.length === 0) return;
  const rest = bare.length > proposalsMax ? '\nThe others: docs/reference/diagnostics.md#sb174' : '';
  (on.value === undefined ? section : on).report({
    code: 'SB174',
    message: `no checklist for ${bare.join(', ')} (${bare.length} of the ${modes.length} failure modes that can occur)`,
    help: `whoever takes one sees a general list: write what your own people do, such as\n${proposedChecklists(bare.slice(0, proposalsMax))}${rest}`,
    severity: 'warning',
    at: 'key',
  });
}

/** The failure modes that can occur and for which the workflow names nothing to do, in the order of the path. Pure. */
export function withoutChecklist(workflow: Omit<CompiledWorkflow, 'version'>): readonly FailureMode[] {
  const { checks, exceptions } = workflow;
  const everyCheckHasOne = checks.every(({ checklist }) => checklist.length > 0);
  return raisableModes(workflow).filter((mode) => {
    const own = exceptions.on[mode]?.checklist ?? [];
    return own.length === 0 && !(mode === 'check_failed' && everyCheckHasOne);
  });
}

/** What `exceptions.on` could say of these modes, as YAML. */
export function proposedChecklists(modes: readonly FailureMode[]): string {
  const on = Object.fromEntries(modes.map((mode) => [mode, { checklist: defaultChecklists[mode] }]));
  return stringify({ on }, { lineWidth: 0 }).trimEnd();
}
