import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  type CelInput,
  type CelValue,
  celUint,
  isCelError,
  isCelList,
  isCelMap,
  isCelType,
  isCelUint,
  plan,
} from '@bufbuild/cel';
import { describe, expect, test } from 'vitest';
import { checkedType } from '../../src/workflow/expression-check.ts';
import { runtime } from '../../src/workflow/expression-environment.ts';
import { metered, startMeter } from '../../src/workflow/expression-meter.ts';
import { parsed } from '../../src/workflow/expression-parse.ts';
import { dyn, type ExpressionType } from '../../src/workflow/expression-type.ts';

/** A case of google/cel-spec in protobuf's JSON form. */
interface Case {
  readonly file: string;
  readonly expr: string;
  readonly core: boolean;
  readonly value?: ProtoValue;
  readonly evalError?: unknown;
  readonly container?: string;
  readonly disableCheck?: boolean;
  readonly bindings?: Readonly<Record<string, { readonly value: ProtoValue }>>;
  readonly typeEnv?: readonly { readonly name: string }[];
  readonly measured: Readonly<Record<string, boolean>>;
}

type ProtoValue = Readonly<Record<string, unknown>>;

const file = new URL('../../../shared/corpora/cel-conformance/conformance.ndjson.gz', import.meta.url);
const cases: readonly Case[] = existsSync(file)
  ? gunzipSync(readFileSync(file))
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
const core = cases.filter((each) => each.core);

describe.skipIf(cases.length === 0)('CEL conformance (skipped without ../shared/corpora)', () => {
  test('agrees with at least as many core cases as the library by itself', () => {
    const differing = core.filter((each) => !agrees(each));
    const worse = differing
      .filter(({ measured }) => measured['@bufbuild/cel'] === true)
      .map(({ expr }) => expr);
    expect(worse, 'cases that the library has right and ours has not').toEqual([]);
    const alone = core.filter(({ measured }) => measured['@bufbuild/cel'] === true).length;
    expect(core.length - differing.length).toBeGreaterThanOrEqual(alone);
  });

  test('the type checker refuses no core expression that has a value', () => {
    const refused = core
      .filter((each) => each.value !== undefined && each.disableCheck !== true && agrees(each))
      // A variable called `x.y`: ours have no dots in their names.
      .filter(({ typeEnv = [] }) => !typeEnv.some(({ name }) => name.includes('.')))
      .map((each) => ({ expr: each.expr, reason: refusal(each) }))
      .filter(({ reason }) => reason !== null);
    expect(refused).toEqual([]);
  });
});

function agrees(each: Case): boolean {
  const outcome = outcomeOf(each);
  if (each.evalError !== undefined) return outcome === failed;
  return outcome !== failed && same(outcome, each.value ?? { boolValue: true });
}

const failed = Symbol('failed');

function outcomeOf({ expr, bindings = {} }: Case): CelValue | typeof failed {
  try {
    startMeter();
    const scope = Object.entries(bindings).map(([name, { value }]) => [name, input(value)] as const);
    const result = plan(runtime, metered(parsed(expr).expression))(Object.fromEntries(scope));
    return isCelError(result) ? failed : result;
  } catch {
    return failed;
  }
}

function refusal({ expr, typeEnv = [], bindings = {} }: Case): string | null {
  try {
    const { expression: syntax, info } = parsed(expr);
    const names = [...typeEnv.map(({ name }) => name), ...Object.keys(bindings)];
    const variables = new Map<string, ExpressionType>(names.map((name) => [name, dyn]));
    checkedType({ source: expr, syntax, info, environment: { variables } });
    return null;
  } catch (error) {
    return String(error);
  }
}

function input(value: ProtoValue): CelInput {
  const [[kind, raw] = ['', null]] = Object.entries(value);
  switch (kind) {
    case 'int64Value':
      return BigInt(String(raw));
    case 'uint64Value':
      return celUint(BigInt(String(raw)));
    case 'doubleValue':
      return Number(raw);
    case 'bytesValue':
      return new Uint8Array(Buffer.from(String(raw), 'base64'));
    case 'listValue':
      return ((raw as { values?: ProtoValue[] }).values ?? []).map(input);
    case 'mapValue':
      return new Map(
        ((raw as { entries?: { key: ProtoValue; value: ProtoValue }[] }).entries ?? []).map((entry) => [
          input(entry.key) as string,
          input(entry.value),
        ]),
      );
    case 'nullValue':
      return null;
    case 'stringValue':
    case 'boolValue':
      return raw as string | boolean;
    default:
      throw new Error(`no input for ${kind}`);
  }
}

function same(actual: CelValue | undefined, expected: ProtoValue): boolean {
  if (actual === undefined) return false;
  const [[kind, raw] = ['', null]] = Object.entries(expected);
  switch (kind) {
    case 'int64Value':
      return typeof actual === 'bigint' && actual === BigInt(String(raw));
    case 'uint64Value':
      return isCelUint(actual) && actual.value === BigInt(String(raw));
    case 'doubleValue':
      return typeof actual === 'number' && Object.is(actual + 0, Number(raw) + 0);
    case 'bytesValue':
      return actual instanceof Uint8Array && Buffer.from(actual).toString('base64') === raw;
    case 'listValue': {
      const values = (raw as { values?: ProtoValue[] }).values ?? [];
      return (
        isCelList(actual) &&
        actual.size === values.length &&
        values.every((each, i) => same(actual.get(i), each))
      );
    }
    case 'mapValue': {
      const entries = (raw as { entries?: { key: ProtoValue; value: ProtoValue }[] }).entries ?? [];
      return (
        isCelMap(actual) &&
        actual.size === entries.length &&
        entries.every(({ key, value }) => same(actual.get(input(key) as string), value))
      );
    }
    case 'typeValue':
      return isCelType(actual) && actual.name === raw;
    case 'nullValue':
      return actual === null;
    case 'objectValue':
      return text(actual) === (raw as { value?: unknown }).value;
    default:
      return actual === raw;
  }
}

/** Timestamps and durations, by CEL's own `string()`. */
function text(value: CelValue): unknown {
  return runtime.funcs.find('string')?.call(0, undefined, [value]);
}
