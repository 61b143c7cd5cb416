import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeToken, resolvePointer } from '../contract/pointer.ts';
import { placeInDocument } from './document-place.ts';

const json = `{
  "info": { "title": "a \\"b\\", {", "version": 2.0 },
  "list": [1, [2, 3], {"x/y": true}],
  "last": "z"
}`;

const yaml = `info:
  title: a
  version: 2.0
list: [1, { x/y: true }]
`;

describe('where something stands in a document', () => {
  test.each<[string, string, string, [number, number, number], string]>([
    ['a.json', json, '/info/version', [2, 47, 3], 'after a text with brackets and quotes'],
    ['a.json', json, '/list/1/1', [3, 19, 1], 'a list in a list'],
    ['a.json', json, '/list/2/x~1y', [3, 31, 4], 'a name with a slash'],
    ['a.json', json, '/last', [4, 11, 3], 'the last'],
    ['a.json', json, '/info/gone', [2, 11, 41], 'what is not there is where it would be'],
    ['a.json', json, '', [1, 1, 1], 'the whole'],
    ['a.yaml', yaml, '/info/version', [3, 12, 3], 'YAML'],
    ['a.yml', yaml, '/list/1/x~1y', [4, 18, 4], 'YAML on one line'],
  ])('%s %#: %s', (path, text, pointer, [line, column, length], reason) => {
    expect(placeInDocument(path, text, pointer), reason).toEqual({ line, column, length });
  });

  test('any value of any JSON is found where it stands', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.nat(4), fc.array(fc.nat(5)), (value, space, way) => {
        let pointer = '';
        for (const step of way) {
          const here = resolvePointer(value, pointer);
          if (typeof here !== 'object' || here === null) break;
          const names = Object.keys(here);
          const name = names[step % Math.max(names.length, 1)];
          if (name === undefined) break;
          pointer += `/${escapeToken(name)}`;
        }
        const text = JSON.stringify(value, null, space);
        const { line, column } = placeInDocument('a.json', text, pointer);
        const offset =
          text
            .split('\n')
            .slice(0, line - 1)
            .join('\n').length +
          (line > 1 ? 1 : 0) +
          column -
          1;
        const found = resolvePointer(value, pointer);
        const [start = ''] = JSON.stringify(found);
        expect(text.slice(offset, offset + 1)).toBe(start);
      }),
    );
  });
});
