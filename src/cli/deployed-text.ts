import type { Static } from 'typebox';
import type { DeployedWorkflow, DifferenceRow, Workflow } from '../api/workflows.ts';
import { type Paint, tame } from './output.ts';
import { shortVersion } from './short-version.ts';

export type WorkflowList = { readonly workflows: readonly Static<typeof Workflow>[] };
export type Deployed = {
  readonly deployed: boolean;
  readonly workflows: readonly Static<typeof DeployedWorkflow>[];
};
type Difference = Static<typeof DifferenceRow>;

/** What deployments change, workflow by workflow. */
export function changeText(workflows: Deployed['workflows'], paint: Paint): string {
  return workflows
    .map(({ workflow, from, to, changed, breaking, differences }) => {
      const name = paint('strong', workflow);
      if (!changed) return `${name}  ${shortVersion(to)} is in force already`;
      if (from === null) return `${name}  new, version ${shortVersion(to)}`;
      const heading = `${name}  ${shortVersion(from)} → ${shortVersion(to)}`;
      return [heading, differenceText(differences, breaking, paint)].join('\n');
    })
    .join('\n\n');
}

/** Differences as a list, with what they mean for who sends payloads. */
export function differenceText(
  differences: readonly Difference[],
  breaking: boolean | null,
  paint: Paint,
): string {
  if (differences.length === 0) return '  Only comments and layout differ, or files that say the same.';
  const lines = differences.map((each) => `  ${mark(each, paint)} ${tame(each.words)}`);
  return [...lines, `  ${verdict(breaking, paint)}`].join('\n');
}

function mark({ breaking }: Difference, paint: Paint): string {
  if (breaking === true) return paint('bad', '✘');
  return breaking === null ? paint('warn', '?') : '·';
}

function verdict(breaking: boolean | null, paint: Paint): string {
  if (breaking === true) return paint('bad', 'BREAKING: payloads that are taken now would be refused (✘).');
  if (breaking === null)
    return paint(
      'warn',
      'May break: whether payloads that are taken now would be refused is not certain (?).',
    );
  return 'Not breaking: every payload that is taken now would be taken.';
}
