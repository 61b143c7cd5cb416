import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  deployWorkflows,
  findBundle,
  listDeployments,
  listWorkflowVersions,
} from '../../src/workflow/store.ts';
import { versionOf } from '../../src/workflow/version.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 9, minute));
const deploy = (bundles: Record<string, string>, minute: number) =>
  deployWorkflows(database.db, { bundles: new Map(Object.entries(bundles)) }, 'person:dana', at(minute));

async function active(): Promise<Record<string, string>> {
  const rows = (await listWorkflowVersions(database.db, null, 20)).filter((row) => row.active);
  return Object.fromEntries(rows.map((row) => [row.workflow, row.version]));
}

test('a project is put in force, again without effect, changed, and taken back', async () => {
  const [a1, a2, b1] = ['{"a":1}', '{"a":2}', '{"b":1}'];

  expect(await deploy({ a: a1, b: b1 }, 1)).toEqual([
    { workflow: 'a', version: versionOf(a1), replaced: null },
    { workflow: 'b', version: versionOf(b1), replaced: null },
  ]);
  expect(await deploy({ a: a1, b: b1 }, 2)).toEqual([]);

  expect(await deploy({ a: a2, b: b1 }, 3)).toEqual([
    { workflow: 'a', version: versionOf(a2), replaced: versionOf(a1) },
  ]);
  expect(await active()).toEqual({ a: versionOf(a2), b: versionOf(b1) });

  // Back to the first version: it is found, not stored twice.
  await deploy({ a: a1 }, 4);
  expect(await active()).toEqual({ a: versionOf(a1) });
  const versions = await listWorkflowVersions(database.db, null, 20);
  expect(versions.map(({ workflow, version, deployedAt }) => [workflow, version, deployedAt])).toEqual([
    ['a', versionOf(a1), at(4)],
    ['a', versionOf(a2), at(3)],
    ['b', versionOf(b1), at(1)],
  ]);

  // The whole history, with what left the folder.
  const history = async (name: string) =>
    (await listDeployments(database.db, name, 10)).map(({ version, reason }) => [version, reason]);
  expect(await history('a')).toEqual([
    [versionOf(a1), 'file change: '],
    [versionOf(a2), 'file change: '],
    [versionOf(a1), 'first seen in its folder'],
  ]);
  expect(await history('b')).toEqual([
    [null, 'its file has left the folder'],
    [versionOf(b1), 'first seen in its folder'],
  ]);

  expect(await findBundle(database.db, versionOf(b1))).toBe(b1);
  expect(await findBundle(database.db, versionOf('{}'))).toBeNull();
});

test('nodes that deploy at once leave one active version of each workflow', async () => {
  const all = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => deploy({ c: `{"c":${index % 3}}` }, 10 + index)),
  );
  expect(all.filter(({ status }) => status === 'rejected')).toEqual([]);
  const rows = (await listWorkflowVersions(database.db, null, 20)).filter(({ workflow }) => workflow === 'c');
  expect(rows.length).toBe(3);
  expect(rows.filter((row) => row.active).length).toBe(1);
});
