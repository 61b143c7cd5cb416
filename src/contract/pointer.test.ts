import { expect, test } from 'vitest';
import { resolveReference } from './pointer.ts';

const document = {
  $id: 'https://example.com/schemas/lead.json',
  $defs: {
    name: { $anchor: 'name', type: 'string' },
    'a/b': { type: 'integer' },
    money: { $id: 'money.json', $defs: { cents: { type: 'integer', minimum: 0 } } },
  },
};

test.each<[string, unknown, string]>([
  ['#', document, 'the whole'],
  ['#/$defs/name', document.$defs.name, 'a pointer'],
  ['#/$defs/a~1b', document.$defs['a/b'], 'a name with a slash in it'],
  ['#name', document.$defs.name, 'an anchor'],
  ['money.json', document.$defs.money, 'an $id'],
  ['https://example.com/schemas/money.json', document.$defs.money, 'an $id as the document has it'],
  ['money.json#/$defs/cents', document.$defs.money.$defs.cents, 'a part of it'],
  ['lead.json#/$defs/name', document.$defs.name, 'its own address'],
  ['#nobody', undefined, 'an anchor that is not there'],
  ['https://example.org/elsewhere.json', undefined, 'another document'],
])('%s', (reference, named, reason) => {
  expect(resolveReference(document, reference), reason).toBe(named);
});
