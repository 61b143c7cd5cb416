import { stringify } from 'yaml';
import type { Counterexample, Generated } from './generate.ts';

/** A case file with a payload that broke what must hold; it holds again when the workflow is repaired. Pure. */
export function keptCase({ payload, headers, broken, mode }: Counterexample, of: Generated): string {
  const content = {
    workflow: of.workflow,
    cases: [
      {
        name: `A payload that the contract allows (seed ${of.seed})`,
        // A text would be the path of a file.
        ...(typeof payload === 'string' ? { body: JSON.stringify(payload) } : { payload }),
        ...(Object.keys(headers).length > 0 && { headers }),
        not: mode === null ? { state: 'rejected' } : { exception: { mode } },
      },
    ],
  };
  return `${schemaLine}\n# Kept by \`signalbox test --keep\`: ${broken.replace(/\s+/g, ' ')}\n${stringify(content, { lineWidth: 110 })}`;
}

/** For completion in editors. */
export const schemaLine = '# yaml-language-server: $schema=../schemas/case.schema.json';
