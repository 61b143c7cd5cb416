import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decision, Holder, IdentityClaim, Version } from '../decision.ts';
import type { Duplicates } from '../workflow/workflow.ts';
import { dedupe, type Repeat, remembered } from './repeat.ts';
import { compareVersions } from './version.ts';

type Policy = Duplicates['otherContent'];
const until = new Date('2026-02-01T00:00:00Z');

function claim(digest: string, version: Version | null): IdentityClaim {
  return { identity: 'lead-1', digest, version, until };
}

function repeat(policy: Policy, holder: Holder | null, came: IdentityClaim): Repeat | null {
  return dedupe(came, { withinMs: 1, otherContent: policy, version: null }, holder);
}

const held: Holder = { ticketId: 't', digest: 'd1', version: 2, fixed: null };

describe('the same identity again', () => {
  test.each<
    [
      policy: Policy,
      holder: Partial<Holder> | null,
      digest: string,
      version: Version | null,
      code: string | null,
      reason: string,
    ]
  >([
    ['exception', null, 'd1', null, null, 'nobody holds it: a new ticket'],
    ['exception', {}, 'd1', null, 'duplicate', 'same content joins'],
    ['exception', {}, 'd2', null, 'conflicting_duplicate', 'other content conflicts'],
    ['update', {}, 'd1', null, 'duplicate', 'same content joins, whatever the policy'],
    ['update', {}, 'd2', null, 'revises', 'other content is taken'],
    ['update', { fixed: 'it is done' }, 'd2', null, 'conflicting_duplicate', 'not where it is too late'],
    [
      'update',
      { digest: null },
      'd2',
      null,
      'conflicting_duplicate',
      'a replay never revises another ticket',
    ],
    ['newest', {}, 'd2', 3, 'revises', 'newer content is taken'],
    ['newest', {}, 'd2', 1, 'outdated', 'older content joins'],
    ['newest', {}, 'd2', 2, 'outdated', 'equal content joins: it is not newer'],
    [
      'newest',
      { fixed: 'it is done' },
      'd2',
      1,
      'outdated',
      'also where nothing could be changed: nothing need be',
    ],
    ['newest', { fixed: 'it is done' }, 'd2', 3, 'conflicting_duplicate', 'newer, but too late'],
    ['newest', { version: null }, 'd2', 1, 'revises', 'any version is newer than none'],
    ['newest', {}, 'd2', null, 'conflicting_duplicate', 'without a version nobody can tell'],
    ['newest', {}, 'd2', 'v3', 'conflicting_duplicate', 'nor where the two cannot be compared'],
    ['newest', {}, 'd1', 3, 'duplicate', 'the same content joins, also as a newer version'],
  ])('%s %j %s version %j: %s: %s', (policy, holder, digest, version, code) => {
    const found = repeat(policy, holder && { ...held, ...holder }, claim(digest, version));
    expect(found?.reason.code ?? null).toBe(code);
  });

  test('why the ticket could not take it is told', () => {
    const found = repeat('update', { ...held, fixed: 'tool has accepted create' }, claim('d2', null));
    expect(found?.reason.text).toContain('tool has accepted create');
  });
});

/** What the holder has after a trigger, as the shell would find it. */
function taken(policy: Policy, holder: Holder, came: IdentityClaim): Holder {
  const found = repeat(policy, holder, came);
  const decision = { identity: came, kind: 'stopped' } as Decision;
  if (found?.verdict === 'joined') {
    return remembered(holder, {
      ...decision,
      kind: 'joined',
      ticketId: 't',
      reasons: [],
      outdated: found.outdated,
    });
  }
  return found?.verdict === 'revises'
    ? remembered(holder, { ...decision, kind: 'revised' } as Decision)
    : holder;
}

describe('whatever order the versions of a thing come in', () => {
  // Contents may come back under a later version: what is undone is as new as what was done.
  const history = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 12 });
  const writing = fc.constantFrom<(version: number) => Version>(
    (version) => version,
    (version) => String(version * 1_000),
    (version) => new Date(version * 60_000).toISOString(),
    (version) => `r${String(version).padStart(3, '0')}`,
  );
  const orders = fc.tuple(history, writing).chain(([contents, write]) => {
    const sent = contents.map((digest, index) => claim(digest, write(index + 8)));
    const repeated = fc.subarray(sent).chain((again) => {
      const all = [...sent, ...again];
      return fc.shuffledSubarray(all, { minLength: all.length });
    });
    return fc.record({ newest: fc.constant(sent.at(-1) as IdentityClaim), arriving: repeated });
  });

  test('the ticket ends with the newest, and never goes back', () => {
    fc.assert(
      fc.property(orders, ({ newest, arriving }) => {
        const [first, ...rest] = arriving as [IdentityClaim, ...IdentityClaim[]];
        let holder: Holder = { ticketId: 't', digest: first.digest, version: first.version, fixed: null };
        for (const came of rest) {
          const next = taken('newest', holder, came);
          expect(compareVersions(next.version as Version, holder.version as Version)).toBeGreaterThanOrEqual(
            0,
          );
          holder = next;
        }
        expect(holder).toMatchObject({ digest: newest.digest, version: newest.version });
      }),
    );
  });

  test('with `update` it ends with the last that came', () => {
    fc.assert(
      fc.property(orders, ({ arriving }) => {
        const [first, ...rest] = arriving as [IdentityClaim, ...IdentityClaim[]];
        const begun: Holder = { ticketId: 't', digest: first.digest, version: null, fixed: null };
        const holder = rest.reduce((before, came) => taken('update', before, came), begun);
        expect(holder.digest).toBe(arriving.at(-1)?.digest);
      }),
    );
  });
});
