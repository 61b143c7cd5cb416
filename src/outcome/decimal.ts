/**
 * The one text of a decimal number, whatever its spelling: 12, `12.0` and `1.2e1` are all `12e0`. Exact, of any length.
 * `shift` moves its point so many places to the right. Null where the text is no number. Pure.
 */
export function decimal(text: string, shift = 0): string | null {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/.exec(text) ?? [];
  if (whole === '' && fraction === '') return null;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  if (digits === '') return '0';
  const significant = digits.replace(/0+$/, '');
  const places = Number(exponent) - fraction.length + (digits.length - significant.length) + shift;
  return `${sign === '-' ? '-' : ''}${significant}e${places}`;
}
