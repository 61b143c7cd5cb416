import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { apiTypes, apiTypesFile } from '../../console/api-types.ts';

test('the console has the API as it is: otherwise `npm run console:types`', async () => {
  expect(await readFile(apiTypesFile, 'utf8')).toBe(await apiTypes());
});
