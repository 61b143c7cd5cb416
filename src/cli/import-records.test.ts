import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inTurns, type RawRecord, recordsOf } from './import-records.ts';

async function* chunks(text: string, ...cuts: number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  let from = 0;
  for (const to of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(from, to);
    from = to;
  }
}

async function split(text: string, quoted: boolean, bytesMax = 1_000, cuts: number[] = []) {
  const records: [line: number, raw: string | null][] = [];
  for await (const { line, raw } of recordsOf(chunks(text, ...cuts), { quoted, bytesMax })) {
    records.push([line, raw === null ? null : raw.toString()]);
  }
  return records;
}

describe('records of a file', () => {
  test.each<[text: string, quoted: boolean, records: [RawRecord['line'], string | null][], reason: string]>([
    ['', false, [], 'an empty file'],
    [
      'a\nb\n',
      false,
      [
        [1, 'a'],
        [2, 'b'],
      ],
      'a line each',
    ],
    [
      'a\r\n\nb',
      false,
      [
        [1, 'a\r'],
        [2, ''],
        [3, 'b'],
      ],
      'blank ones too, and the last without its end',
    ],
    [
      '"a\nb',
      false,
      [
        [1, '"a'],
        [2, 'b'],
      ],
      'quotation marks mean nothing in NDJSON',
    ],
    [
      '"a\nb",c\nd\n',
      true,
      [
        [1, '"a\nb",c'],
        [3, 'd'],
      ],
      'a line end in quotation marks belongs to the cell',
    ],
    [
      '"a""\nb"\nc',
      true,
      [
        [1, '"a""\nb"'],
        [3, 'c'],
      ],
      'a doubled mark closes nothing',
    ],
    ['"a\nb"', true, [[1, '"a\nb"']], 'also at the end of the file'],
    [
      '"a\nb\nc',
      true,
      [
        [1, '"a'],
        [2, 'b'],
        [3, 'c'],
      ],
      'a mark that nobody closes ends with its line',
    ],
  ])('%j', async (text, quoted, records, reason) => {
    expect(await split(text, quoted), reason).toEqual(records);
  });

  test('a line at the bound is kept, a longer one is told, and what follows is read', async () => {
    const cuts = [4, 8, 12, 16];
    expect(await split(`${'x'.repeat(8)}\nb`, false, 8, cuts)).toEqual([
      [1, 'x'.repeat(8)],
      [2, 'b'],
    ]);
    expect(await split(`a\n${'x'.repeat(30)}\nb`, false, 8, [...cuts, 20, 24])).toEqual([
      [1, 'a'],
      [2, null],
      [3, 'b'],
    ]);
    expect(await split(`a\n${'x'.repeat(30)}`, false, 8, cuts)).toEqual([
      [1, 'a'],
      [2, null],
    ]);
  });

  test('a mark that nobody closes does not swallow more than the bound', async () => {
    const text = `"open\n${'row\n'.repeat(20)}`;
    const records = await split(text, true, 16, [8, 16, 24, 32, 40]);
    expect(records).toHaveLength(21);
    expect(records.at(-1)).toEqual([21, 'row']);
  });

  test('of a large file in memory: all else has its turn while it is read', async () => {
    const text = 'a,b\n'.repeat(50_000);
    let turns = 0;
    const count = () => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    let records = 0;
    for await (const _ of recordsOf(inTurns(Buffer.from(text)), { quoted: true, bytesMax: 1_000 }))
      records += 1;
    clearImmediate(counting);
    expect(records).toBe(50_000);
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  test('they do not depend on how the bytes come in, and nothing is lost', async () => {
    const text = fc
      .array(fc.constantFrom('a', '"', '\n', ',', '\r', 'é'), { maxLength: 40 })
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.boolean(),
        fc.array(fc.nat(200), { maxLength: 6 }),
        async (whole, quoted, cuts) => {
          const records = await split(whole, quoted, 1_000, cuts);
          expect(records).toEqual(await split(whole, quoted));
          expect(records.map(([, raw]) => raw).join('\n')).toBe(whole.replace(/\n$/, ''));
          const lines = records.map(([line, raw]) => line + (raw ?? '').split('\n').length);
          expect(records.slice(1).map(([line]) => line)).toEqual(lines.slice(0, -1));
        },
      ),
    );
  });
});
