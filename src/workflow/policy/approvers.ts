import type { Place } from '../place.ts';
import type { Project } from '../project.ts';
import type { CompiledWorkflow } from '../workflow.ts';

/** Reports approvals that fewer people are asked for than have to say yes. `place`: the workflow file. */
export function checkApprovers(
  place: Place,
  { handoffs }: Pick<CompiledWorkflow, 'handoffs'>,
  { teams }: Pick<Project, 'teams'>,
): void {
  for (const [index, { approval }] of handoffs.entries()) {
    const needed = approval?.approvals ?? 1;
    if (approval === null || needed === 1) continue;
    const asked = [approval.by, ...(approval.alternate === undefined ? [] : [approval.alternate])];
    const people = new Set(
      asked.flatMap((ref) => {
        const key = ref.slice(ref.indexOf(':') + 1);
        return ref.startsWith('team:') ? (teams.get(key)?.members ?? []) : [key];
      }),
    );
    if (people.size >= needed) continue;
    const parts = place.get('handoffs').elements();
    parts[index]
      ?.get('approval')
      .get('approvals')
      .report({
        code: 'SB113',
        message: `${needed} people have to say yes, and ${people.size === 1 ? 'only one is' : `only ${people.size} are`} asked`,
        help: 'it would always be overdue: ask a larger team, or for fewer',
      });
  }
}
