import type { Contract } from '../../contract/contract.ts';
import { limits } from '../../limits.ts';
import type { Difference } from './difference.ts';
import { compareSchemas } from './schema-compare.ts';
import { isSameSchema } from './schema-same.ts';

/** In what two contracts differ for who sends payloads; at most limits.differencesMax, those that break first. */
export function contractDifferences(before: Contract, after: Contract): Difference[] {
  const [was, is] = [before.schema, after.schema].map((schema) => ({ schema, root: schema }));
  if (was === undefined || is === undefined || isSameSchema(was, is)) return [];
  const seen = new Set<string>();
  const found = compareSchemas(was, is).flatMap(({ path, words, breaking, before, after }): Difference[] => {
    const at = `payload${path}`;
    const sentence = `\`${at}\` ${words}.`;
    if (seen.has(sentence)) return [];
    seen.add(sentence);
    return [{ kind: 'contract', path: at, before, after, words: sentence, breaking }];
  });
  const weight = ({ breaking }: Difference) => [true, null, false].indexOf(breaking);
  return found.sort((a, b) => weight(a) - weight(b)).slice(0, limits.differencesMax);
}
