import type { Domain, Scalar } from './domain.ts';

/** What a contract admits, as a person says it: `"web", "brand"`, `a number of at least 0`; null where that says nothing. */
export function described({ values, kinds, from, to, whole, characters, elements }: Domain): string | null {
  if (values !== null) return values.length === 0 ? 'nothing' : listed(values.map(literal), 'or');
  const [only, ...others] = kinds;
  if (only === undefined || others.length > 0) return null;
  if (only === 'number') {
    const name = whole ? 'a whole number' : 'a number';
    const least =
      from.value === Number.NEGATIVE_INFINITY ? null : `${from.open ? 'above' : 'of at least'} ${from.value}`;
    const most =
      to.value === Number.POSITIVE_INFINITY ? null : `${to.open ? 'below' : 'at most'} ${to.value}`;
    return [name, [least, most].filter((each) => each !== null).join(' and ')].join(' ').trim();
  }
  if (only === 'string') return `a text${ranged(characters, 'character')}`;
  if (only === 'list') return `a list${ranged(elements, 'element')}`;
  return only === 'bool' ? 'true or false' : `an ${only}`;
}

function ranged([least, most]: readonly [number, number], unit: string): string {
  const count = (number: number) => `${number} ${unit}${number === 1 ? '' : 's'}`;
  if (least > 0) return ` of at least ${count(least)}`;
  return most === Number.POSITIVE_INFINITY ? '' : ` of at most ${count(most)}`;
}

/** A constant as an expression has it. */
export function literal(value: Scalar): string {
  return JSON.stringify(value);
}

/** `a, b and c`; a long list is cut. */
export function listed(names: readonly string[], word: 'and' | 'or' | 'nor'): string {
  const most = names.length > namesMax ? [...names.slice(0, namesMax), '…'] : names;
  const last = most.at(-1);
  if (last === undefined || most.length === 1) return last ?? '';
  return `${most.slice(0, -1).join(', ')} ${last === '…' ? '…' : `${word} ${last}`}`;
}

const namesMax = 8;
