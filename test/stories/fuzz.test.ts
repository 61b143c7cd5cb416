import { expect, test } from 'vitest';
import { fuzz } from '../simulation/fuzz.ts';

/** Whatever comes over the wire, the server answers as it should, and stays. `node test/simulation/fuzz.ts` goes on for longer. */
test('five seconds of rubbish: no 500, no hang, no growing memory', { timeout: 60_000 }, async () => {
  const { findings, answers } = await fuzz({ seconds: 5, seed: 3 });
  expect(findings).toEqual([]);
  expect(Object.keys(answers)).toEqual(expect.arrayContaining(['202', '400', '404', '413', '415', '431']));
});
