import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { canonical } from '../../src/audit/encoding.ts';
import { readTar } from '../support/corpora.ts';

const folder = new URL('../../../shared/corpora/rfc8785/', import.meta.url);
const present = existsSync(folder);

describe.skipIf(!present)('RFC 8785 as its authors test it (skipped without ../shared/corpora)', () => {
  test('every document canonicalises to the published bytes', () => {
    const files = readTar(new URL('testdata.tar.gz', folder));
    const inputs = [...files.keys()].filter((name) => name.startsWith('testdata/input/'));
    expect(inputs.length).toBeGreaterThan(0);
    for (const name of inputs) {
      const expected = files.get(name.replace('/input/', '/output/'));
      expect(canonical(JSON.parse(files.get(name)?.toString() ?? '')), name).toBe(
        expected?.toString().trimEnd(),
      );
    }
  });

  test('3,000 numbers are written as ECMAScript writes them', () => {
    const lines = gunzipSync(readFileSync(new URL('es6-numbers.csv.gz', folder)))
      .toString()
      .trim()
      .split('\n');
    const view = new DataView(new ArrayBuffer(8));
    for (const line of lines) {
      const [bits = '', text] = line.split(',');
      view.setBigUint64(0, BigInt(`0x${bits}`));
      expect(canonical(view.getFloat64(0)), line).toBe(text);
    }
  });
});
