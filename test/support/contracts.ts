import type { Contract } from '../../src/contract/contract.ts';
import { compileContract } from '../../src/contract/schema.ts';

/**
 * The contracts of many schemas of one OpenAPI document, by pointer. They are compiled as one, for they share most of
 * their parts; each judges as it would by itself.
 */
export function contractsOf(document: object, pointers: Iterable<string>): (pointer: string) => Contract {
  const properties = Object.fromEntries(
    [...pointers].map((pointer) => [pointer, { $ref: `#${encodeURI(pointer)}` }]),
  );
  const whole = { ...document, 'x-all': { properties } };
  const contract = compileContract({ document: whole, pointer: '/x-all', name: 'all' });
  return (pointer) => ({ ...contract, validate: (value) => contract.validate({ [pointer]: value }) });
}
