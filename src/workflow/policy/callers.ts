import type { Place } from '../place.ts';
import { isSender, type Project } from '../project.ts';
import type { CompiledWorkflow } from '../workflow.ts';

/** Reports callbacks whose source proves nothing, so that anybody could say that the work is done. `place`: the workflow file. */
export function checkCallers(
  place: Place,
  { handoffs }: Pick<CompiledWorkflow, 'handoffs'>,
  { sources }: Pick<Project, 'sources'>,
): void {
  const parts = place.get('handoffs').elements();
  for (const [index, { outcome }] of handoffs.entries()) {
    const source = sources.get(outcome.callback?.from ?? '');
    if (source === undefined || (isSender(source) && source.verify.scheme !== 'none')) continue;
    parts[index]
      ?.get('outcome')
      .get('callback')
      .get('from')
      .report({
        code: 'SB150',
        message: `\`${source.key}\` proves nothing of what it sends: anybody could say that the work is done`,
        help: 'give the source a `verify` with a secret, or leave `from` out and hand over `outcome.url`',
      });
  }
}
