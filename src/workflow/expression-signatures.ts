import { bare, dyn, type ExpressionType, joined } from './expression-type.ts';

/** One overload: `string.startsWith(string): bool` is a method of `string`, `size(list): int` a function. */
export interface Signature {
  readonly name: string;
  readonly receiver: string | null;
  readonly parameters: readonly string[];
  readonly result: ExpressionType;
}

const comparable = [
  ...['bool', 'string', 'bytes', 'timestamp', 'duration'].map((type) => `${type}, ${type}`),
  ...['int', 'uint', 'double'].flatMap((a) => ['int', 'uint', 'double'].map((b) => `${a}, ${b}`)),
];
const arithmetic = ['int, int): int', 'uint, uint): uint', 'double, double): double'];
/** Ours: a number in JSON is a double, and a literal without a point is an int. */
const mixed = ['int, double): double', 'double, int): double'];
const timeParts = ['FullYear', 'Month', 'Date', 'DayOfMonth', 'DayOfWeek', 'DayOfYear'];
const clockParts = ['Hours', 'Minutes', 'Seconds', 'Milliseconds'];

const texts = [
  ...['_<_', '_<=_', '_>_', '_>=_'].flatMap((name) => comparable.map((types) => `${name}(${types}): bool`)),
  ...['_+_', '_-_', '_*_', '_/_', '_%_'].flatMap((name) =>
    [...arithmetic, ...mixed].map((rest) => `${name}(${rest}`),
  ),
  '_+_(string, string): string',
  '_+_(bytes, bytes): bytes',
  '_+_(duration, duration): duration',
  '_+_(timestamp, duration): timestamp',
  '_+_(duration, timestamp): timestamp',
  '_-_(timestamp, timestamp): duration',
  '_-_(duration, duration): duration',
  '_-_(timestamp, duration): timestamp',
  '-_(int): int',
  '-_(double): double',
  ...['string', 'bytes', 'list', 'map'].flatMap((type) => [`size(${type}): int`, `${type}.size(): int`]),
  ...['int', 'uint', 'double', 'string', 'timestamp', 'duration'].map((type) => `int(${type}): int`),
  ...['int', 'uint', 'double', 'string'].flatMap((type) => [
    `uint(${type}): uint`,
    `double(${type}): double`,
  ]),
  ...['bool', 'string'].map((type) => `bool(${type}): bool`),
  ...['bytes', 'string'].map((type) => `bytes(${type}): bytes`),
  ...['string', 'bool', 'int', 'uint', 'double', 'bytes', 'timestamp', 'duration'].map(
    (type) => `string(${type}): string`,
  ),
  ...['timestamp', 'string', 'int'].map((type) => `timestamp(${type}): timestamp`),
  ...['duration', 'string', 'int'].map((type) => `duration(${type}): duration`),
  'type(dyn): type',
  'dyn(dyn): dyn',
  ...['contains', 'startsWith', 'endsWith', 'matches'].map((name) => `string.${name}(string): bool`),
  'matches(string, string): bool',
  ...['lowerAscii', 'upperAscii', 'trim'].map((name) => `string.${name}(): string`),
  'string.charAt(int): string',
  ...['indexOf', 'lastIndexOf'].flatMap((name) => [
    `string.${name}(string): int`,
    `string.${name}(string, int): int`,
  ]),
  'string.replace(string, string): string',
  'string.replace(string, string, int): string',
  'string.split(string): list(string)',
  'string.split(string, int): list(string)',
  'string.substring(int): string',
  'string.substring(int, int): string',
  'string.format(list): string',
  'list.join(): string',
  'list.join(string): string',
  'strings.quote(string): string',
  ...[...timeParts, ...clockParts].flatMap((part) => [
    `timestamp.get${part}(): int`,
    `timestamp.get${part}(string): int`,
  ]),
  ...clockParts.map((part) => `duration.get${part}(): int`),
];

const byName: ReadonlyMap<string, readonly Signature[]> = Map.groupBy(
  texts.map(parsedSignature),
  ({ name }) => name,
);

/** Every function and method that a source text can name. */
export const functionNames: readonly string[] = [...byName.keys()].filter((name) => !name.includes('_'));

export function signaturesOf(name: string): readonly Signature[] {
  return byName.get(name) ?? [];
}

/** What a call yields with arguments of these types; null where no overload takes them. */
export function resultOf(
  signatures: readonly Signature[],
  receiver: ExpressionType | null,
  args: readonly ExpressionType[],
): ExpressionType | null {
  const fitting = signatures.filter(
    (signature) =>
      (signature.receiver === null) === (receiver === null) &&
      (receiver === null || fits(receiver, signature.receiver ?? 'dyn')) &&
      signature.parameters.length === args.length &&
      signature.parameters.every((parameter, index) => fits(args[index] ?? dyn, parameter)),
  );
  return fitting.length === 0 ? null : joined(fitting.map(({ result }) => result));
}

function fits(type: ExpressionType, parameter: string): boolean {
  const { kind } = bare(type);
  if (kind === 'dyn' || kind === 'never' || parameter === 'dyn') return true;
  return kind === parameter || (kind === 'object' && parameter === 'map');
}

function parsedSignature(text: string): Signature {
  const match = /^(?:(strings\.)|(\w+)\.)?([^(.]+)\((.*)\): (\w+)(?:\((\w+)\))?$/.exec(text);
  if (match === null) throw new Error(`not a signature: ${text}`);
  const [, namespace = '', receiver, name = '', parameters = '', result = '', element] = match;
  return {
    name: namespace + name,
    receiver: receiver ?? null,
    parameters: parameters === '' ? [] : parameters.split(', '),
    result: (element === undefined
      ? { kind: result }
      : { kind: 'list', of: { kind: element } }) as ExpressionType,
  };
}
