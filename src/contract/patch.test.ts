import { describe, expect, test } from 'vitest';
import { patched } from './patch.ts';

describe('a patch', () => {
  test.each<[unknown, Parameters<typeof patched>[1], unknown, string]>([
    [{ a: 1 }, [{ op: 'move', from: '/a', path: '/b' }], { b: 1 }, 'a name'],
    [{ a: 1 }, [{ op: 'move', from: '/x', path: '/b' }], { a: 1 }, 'there is nothing to move'],
    [{ a: { b: [1, 2] } }, [{ op: 'replace', path: '/a/b/1', value: 3 }], { a: { b: [1, 3] } }, 'an element'],
    [{ a: [1, 2] }, [{ op: 'remove', path: '/a/0' }], { a: [2] }, 'an element less'],
    [{ 'a/b': 1 }, [{ op: 'remove', path: '/a~1b' }], {}, 'a name with a slash'],
    [1, [{ op: 'replace', path: '', value: 2 }], 2, 'the whole'],
    [{ a: 1 }, [{ op: 'remove', path: '/a/b/c' }], { a: 1 }, 'a place that is not there'],
  ])('%j %j: %j', (value, patch, expected, reason) => {
    expect(patched(value, patch), reason).toEqual(expected);
  });

  test('a name of JavaScript is a name', () => {
    const value = JSON.parse('{"__proto__": 1}');
    const moved = patched(value, [{ op: 'move', from: '/__proto__', path: '/constructor' }]);
    expect(JSON.stringify(moved)).toBe('{"constructor":1}');
  });
});
