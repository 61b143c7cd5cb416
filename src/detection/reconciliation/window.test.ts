import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { momentOf, windowOf } from './window.ts';

const now = new Date('2026-03-10T10:00:00Z');
const hourMs = 3_600_000;
const settings = { lookbackMs: 48 * hourMs, settleMs: hourMs / 6, since: null };

describe('the window of a comparison', () => {
  const rows: [last: string | null, since: string | null, from: string, reason: string][] = [
    [null, null, '2026-03-08T10:00', 'the first one looks back'],
    ['2026-03-10T09:00', null, '2026-03-08T10:00', 'each one looks back as far'],
    ['2026-03-05T09:00', null, '2026-03-05T09:00', 'after an outage, to the last that was finished'],
    [null, '2026-03-09T00:00', '2026-03-09T00:00', 'not before the source was connected'],
    ['2026-03-05T09:00', '2026-03-01T00:00', '2026-03-05T09:00', 'which is long ago'],
    [null, '2026-03-11T00:00', '2026-03-10T09:50', 'which is still to come: an empty window'],
  ];
  test.each(rows)('last to %s, since %s: from %s (%s)', (last, since, from) => {
    const at = (text: string | null) => (text === null ? null : new Date(`${text}Z`));
    const window = windowOf({ ...settings, since: at(since) }, at(last), now);
    expect(window).toEqual({ from: at(from), until: new Date('2026-03-10T09:50:00Z') });
  });
});

describe('a moment as sources write it', () => {
  const rows: [value: unknown, iso: string | null, reason: string][] = [
    ['2026-03-10T11:00:00+01:00', '2026-03-10T10:00:00.000Z', 'RFC 3339'],
    ['2026-03-10', '2026-03-10T00:00:00.000Z', 'a day'],
    [1_773_136_800, '2026-03-10T10:00:00.000Z', 'seconds'],
    [1_773_136_800_000, '2026-03-10T10:00:00.000Z', 'milliseconds'],
    ['1773136800', '2026-03-10T10:00:00.000Z', 'seconds as a text'],
    ['2026-03-10T10:00:00', '2026-03-10T10:00:00.000Z', 'without a zone it is of UTC'],
    ['2026-03-10 10:00:00.250', '2026-03-10T10:00:00.250Z', 'as databases write it'],
    ['yesterday', null, 'no time'],
    ['2026-99-99', null, 'no day'],
    [null, null, 'nothing'],
    [{}, null, 'no text'],
  ];
  test.each(rows)('%j is %s (%s)', (value, iso) => {
    vi.stubEnv('TZ', 'Asia/Tokyo');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(momentOf(value)?.toISOString() ?? null).toBe(iso);
  });
});
