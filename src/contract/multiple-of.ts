import { _, type FuncKeywordDefinition } from 'ajv';

/**
 * `multipleOf` by the digits that the numbers are written with: Ajv's own divides doubles, in which 19.99 is no multiple
 * of 0.01.
 */
export const multipleOf: FuncKeywordDefinition = {
  keyword: 'multipleOf',
  type: 'number',
  schemaType: 'number',
  errors: false,
  error: {
    message: 'is no multiple',
    params: ({ schemaCode }) => _`{multipleOf: ${schemaCode}}`,
  },
  compile: (step: number) => (value: number) => isMultiple(value, step),
};

/** Whether a number is a multiple of a step, as both are written in decimals. Pure. */
function isMultiple(value: number, step: number): boolean {
  if (!(step > 0) || !Number.isFinite(value)) return false;
  if (Number.isSafeInteger(value) && Number.isSafeInteger(step)) return value % step === 0;
  const [one, other] = [decimalOf(value), decimalOf(step)];
  const least = Math.min(one.exponent, other.exponent);
  const scaled = ({ digits, exponent }: Decimal) => digits * 10n ** BigInt(exponent - least);
  return scaled(one) % scaled(other) === 0n;
}

interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** The shortest decimal that is this number, without its sign. */
function decimalOf(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = String(Math.abs(value)).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}
