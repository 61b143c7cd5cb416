import { afterEach, beforeEach, expect, test } from 'vitest';
import { attemptsOf } from '../../src/handoff/store.ts';
import {
  changeShell,
  clock,
  kinds,
  setTool,
  shell,
  start,
  state,
  useHandoffs,
  workThrough,
} from '../handoff/worker-setting.ts';
import { destination, draft, promise } from '../support/handoff.ts';
import {
  type Certificate,
  type Lie,
  type LyingTarget,
  startLyingTarget,
  testAuthority,
} from '../support/lying-target.ts';

/** Whatever a target says or does: what is not proved is not done, each lie has its name, and nothing is made twice. */

useHandoffs();

let liar: LyingTarget;
beforeEach(async () => {
  liar = await startLyingTarget();
  setTool(destination(liar.url, { timeoutMs: 200 }));
});
afterEach(() => liar.close());

const find = {
  operation: 'GET /records',
  method: 'GET',
  path: '/records',
  parameters: [{ name: 'key', in: 'query', value: 'key' }],
  that: 'size(result.items) > 0',
  record: 'result.items[0]',
} as const;

const lies: readonly [as: Lie, exception: string, stored: number, posts: number, reason: string][] = [
  ['drops_a_field', 'contradicted', 1, 1, 'the record that is read back lacks what was sent'],
  ['changes_case', 'contradicted', 1, 1, 'it holds another text than was sent'],
  ['stores_nothing', 'unconfirmed', 0, 1, 'an id that leads to nothing'],
  [
    'stores_and_answers_500',
    'attempts_exhausted',
    1,
    3,
    'its key keeps it at one, and no answer is no proof',
  ],
  ['hangs_before_headers', 'attempts_exhausted', 1, 3, 'nothing was ever answered'],
  ['hangs_in_the_body', 'attempts_exhausted', 1, 3, 'half an answer is none'],
  ['resets', 'attempts_exhausted', 1, 3, 'the connection broke after it had stored'],
  ['huge_body', 'attempts_exhausted', 1, 3, 'an answer of 2 MiB is cut off'],
  ['redirects_to_metadata', 'rejected', 0, 1, 'a redirect is not followed'],
  ['redirects_to_localhost', 'rejected', 0, 1, 'a redirect is not followed, to where it came from neither'],
  ['wrong_content_type', 'unconfirmed', 0, 1, 'a page for people names no record'],
  ['other_json', 'unconfirmed', 0, 1, 'JSON that names no record'],
];

test.each(lies)(
  '%s ends as %s, with %i stored after %i requests: %s',
  async (as, exception, stored, posts) => {
    liar.lie(as);
    const ticket = await promise(shell.db, [draft({ retry: { attemptsMax: 3, forMs: 3_600_000 } })], start);
    await workThrough(ticket);
    expect(await state(ticket)).toMatchObject({ handoff: 'failed', ticket: 'exception', exception });
    expect([liar.records.size, liar.posts, liar.followed]).toEqual([stored, posts, 0]);
  },
);

const good: readonly [as: Lie, posts: number, reason: string][] = [
  ['honest', 1, 'made, read back, equal'],
  ['stores_late', 1, 'it is looked at until it stands there'],
  ['storm_of_429', 4, 'later is not no'],
];

test.each(good)('%s is done, stored once, after %i requests: %s', async (as, posts) => {
  liar.lie(as);
  const ticket = await promise(shell.db, [draft({ retry: { attemptsMax: 5, forMs: 3_600_000 } })], start);
  await workThrough(ticket);
  expect(await state(ticket)).toMatchObject({ handoff: 'confirmed', ticket: 'done' });
  expect([liar.records.size, liar.posts]).toEqual([1, posts]);
});

test('a storm of 429 is waited out as it asks', async () => {
  liar.lie('storm_of_429');
  const ticket = await promise(shell.db, [draft()], start);
  await workThrough(ticket);
  expect(clock.now().getTime() - start.getTime()).toBeGreaterThanOrEqual(180_000);
});

const silent: readonly Lie[] = [
  'stores_and_answers_500',
  'knows_no_key_and_answers_500',
  'hangs_before_headers',
  'hangs_in_the_body',
  'resets',
  'huge_body',
];

test.each(silent)('%s, and it can be asked by our key: found, not sent again, proved', async (as) => {
  liar.lie(as);
  const ticket = await promise(shell.db, [draft({ find })], start);
  await workThrough(ticket);
  expect(await state(ticket)).toMatchObject({ handoff: 'confirmed', ticket: 'done' });
  expect([liar.records.size, liar.posts]).toEqual([1, 1]);
  expect(await kinds(ticket)).toContain('handoff_looked_up');
  const attempts = await attemptsOf(shell.db, ticket);
  expect(attempts.map(({ result }) => result)).toEqual(['unknown', 'accepted']);
});

test('what is looked for and not found is sent again', async () => {
  liar.lie('stores_and_answers_500');
  const nowhere = { ...find, that: 'result.items.exists(each, each.key == "another")' };
  const ticket = await promise(shell.db, [draft({ find: nowhere })], start);
  await workThrough(ticket);
  expect(await state(ticket)).toMatchObject({ exception: 'attempts_exhausted' });
  expect([liar.records.size, liar.posts]).toEqual([1, 5]);
});

test('where nobody can say whether it is there, nothing is sent again', async () => {
  liar.lie('knows_no_key_and_answers_500');
  const ticket = await promise(shell.db, [draft({ find: { ...find, that: 'result.none > 0' } })], start);
  await workThrough(ticket);
  expect(await state(ticket)).toMatchObject({ exception: 'attempts_exhausted' });
  expect([liar.records.size, liar.posts]).toEqual([1, 1]);
});

const certificates: readonly [
  certificate: Certificate,
  trusts: boolean,
  exception: string | null,
  reason: string,
][] = [
  ['self-signed', false, 'attempts_exhausted', 'anybody can make one'],
  ['self-signed', true, 'attempts_exhausted', 'another authority does not make it good'],
  ['expired', true, 'attempts_exhausted', 'its time is over'],
  ['wrong-host', true, 'attempts_exhausted', 'it was given to somebody else'],
  ['sound', false, 'attempts_exhausted', 'its authority is not known'],
  ['sound', true, null, 'its authority is named for this destination'],
];

test.each(certificates)(
  'a certificate %s, its authority named: %s, ends as %s: %s',
  async (name, trusts, exception) => {
    const secure = await startLyingTarget(name);
    try {
      changeShell({ secrets: () => [testAuthority] });
      setTool(destination(secure.url, { timeoutMs: 2_000, ca: trusts ? { env: 'CA' } : null }));
      const ticket = await promise(shell.db, [draft({ retry: { attemptsMax: 2, forMs: 3_600_000 } })], start);
      await workThrough(ticket);
      expect(await state(ticket)).toMatchObject(exception === null ? { ticket: 'done' } : { exception });
      expect(secure.posts).toBe(exception === null ? 1 : 0);
      const attempts = await attemptsOf(shell.db, ticket);
      if (exception !== null) expect(attempts.every(({ result }) => result === 'not_sent')).toBe(true);
    } finally {
      await secure.close();
    }
  },
);
