import type { ExpressionEnvironment } from './expression-environment.ts';
import { article, neverEqual, noOperator, noOverload } from './expression-mismatch.ts';
import type { Syntax, SyntaxInfo } from './expression-parse.ts';
import { failureAt } from './expression-place.ts';
import { functionNames, resultOf, signaturesOf } from './expression-signatures.ts';
import { textOf } from './expression-text.ts';
import { bare, dyn, type ExpressionType, joined, typeName } from './expression-type.ts';
import { suggest } from './suggest.ts';

/** One expression under check. */
interface Checked {
  readonly source: string;
  readonly syntax: Syntax;
  readonly info: SyntaxInfo;
  readonly environment: ExpressionEnvironment;
}

type Kind<Case extends Syntax['exprKind']['case']> =
  Extract<Syntax['exprKind'], { case: Case }> extends { value: infer Value } ? Value : never;
type Locals = ReadonlyMap<string, ExpressionType>;

const bool: ExpressionType = { kind: 'bool' };
const typeValue: ExpressionType = { kind: 'type' };
/** Of a right shape they are loops by now; what is left of them as calls has a wrong one. */
const macros = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter']);
const typeNames = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
  'type',
]);

/** The type of an expression. Throws ExpressionSyntaxError at the first part that has none. Pure. */
export function checkedType(checked: Checked): ExpressionType {
  return typeOf(checked.syntax, new Map(), checked);
}

function typeOf(syntax: Syntax, locals: Locals, checked: Checked): ExpressionType {
  const kind = syntax.exprKind;
  switch (kind.case) {
    case 'constExpr':
      return constantType(kind.value);
    case 'identExpr':
      return variableType(syntax, kind.value.name, locals, checked);
    case 'selectExpr':
      return selectedType(syntax, kind.value, locals, checked);
    case 'callExpr':
      return callType(syntax, kind.value, locals, checked);
    case 'listExpr':
      return { kind: 'list', of: joined(kind.value.elements.map((each) => typeOf(each, locals, checked))) };
    case 'structExpr':
      return mapType(syntax, kind.value, locals, checked);
    case 'comprehensionExpr':
      return comprehensionType(syntax, kind.value, locals, checked);
    default:
      throw failureAt(checked, syntax, 'The expression is incomplete');
  }
}

function constantType(constant: Kind<'constExpr'>): ExpressionType {
  const kinds: Readonly<Record<string, ExpressionType>> = {
    boolValue: bool,
    int64Value: { kind: 'int' },
    uint64Value: { kind: 'uint' },
    doubleValue: { kind: 'double' },
    stringValue: { kind: 'string' },
    bytesValue: { kind: 'bytes' },
    nullValue: { kind: 'null' },
  };
  return kinds[constant.constantKind.case ?? ''] ?? dyn;
}

function variableType(syntax: Syntax, written: string, locals: Locals, checked: Checked): ExpressionType {
  const name = written.replace(/^\./, '');
  const known = locals.get(name) ?? checked.environment.variables.get(name);
  if (known !== undefined) return known;
  if (typeNames.has(name)) return typeValue;
  const names = [...locals.keys(), ...checked.environment.variables.keys()].filter(
    (each) => !each.startsWith('@'),
  );
  const meant = suggest(name, names);
  const help = meant === null ? `known are ${names.join(', ') || 'no names'}` : `did you mean \`${meant}\`?`;
  throw failureAt(checked, syntax, `There is no \`${name}\` here: ${help}`);
}

function selectedType(
  syntax: Syntax,
  select: Kind<'selectExpr'>,
  locals: Locals,
  checked: Checked,
): ExpressionType {
  const { operand, field, testOnly } = select;
  if (operand === undefined) throw failureAt(checked, syntax, 'The expression is incomplete');
  if (/^\.?google\.protobuf\.\w+$/.test(textOf(syntax))) return typeValue;
  const type = memberType(typeOf(operand, locals, checked), field, operand, syntax, checked);
  return testOnly ? bool : type;
}

function memberType(
  owner: ExpressionType,
  name: string,
  operand: Syntax,
  at: Syntax,
  checked: Checked,
): ExpressionType {
  const type = bare(owner);
  const path = textOf(operand);
  if (type.kind === 'dyn' || type.kind === 'never') return dyn;
  if (type.kind === 'map') return type.value;
  if (type.kind !== 'object') {
    throw failureAt(checked, at, `${path} is ${article(typeName(type))} and has no fields`, name);
  }
  const field = type.field(name);
  if (field !== null) return field;
  const names = type.names();
  const meant = suggest(name, names);
  const shown = names.slice(0, 12).join(', ') + (names.length > 12 ? ', …' : '');
  const help = meant === null ? `it has ${shown}` : `did you mean \`${meant}\`?`;
  throw failureAt(checked, at, `${path} has no field \`${name}\`: ${help}`, name);
}

function mapType(
  syntax: Syntax,
  struct: Kind<'structExpr'>,
  locals: Locals,
  checked: Checked,
): ExpressionType {
  if (struct.messageName !== '') {
    throw failureAt(
      checked,
      syntax,
      `There is no message type \`${struct.messageName}\`: write a map, {"name": value}`,
    );
  }
  const keys = struct.entries.map(({ keyKind }) =>
    keyKind.case === 'mapKey' ? typeOf(keyKind.value, locals, checked) : dyn,
  );
  const values = struct.entries.map(({ value }) =>
    value === undefined ? dyn : typeOf(value, locals, checked),
  );
  return { kind: 'map', key: joined(keys), value: joined(values) };
}

function comprehensionType(
  syntax: Syntax,
  loop: Kind<'comprehensionExpr'>,
  locals: Locals,
  checked: Checked,
): ExpressionType {
  const { iterRange, accuInit, loopCondition, loopStep, result } = loop;
  if (!(iterRange && accuInit && loopCondition && loopStep && result)) {
    throw failureAt(checked, syntax, 'The expression is incomplete');
  }
  const range = bare(typeOf(iterRange, locals, checked));
  const element = elementType(range);
  if (element === null) {
    const what = `${textOf(iterRange)} is ${article(typeName(range))}`;
    throw failureAt(checked, iterRange, `${what}, not a list: there is nothing to go through`);
  }
  const inside = new Map(locals).set(loop.iterVar, element);
  inside.set(loop.accuVar, typeOf(accuInit, locals, checked));
  typeOf(loopCondition, inside, checked);
  inside.set(loop.accuVar, typeOf(loopStep, inside, checked));
  return typeOf(result, inside, checked);
}

function elementType(range: ExpressionType): ExpressionType | null {
  if (range.kind === 'list') return range.of;
  if (range.kind === 'map') return range.key;
  if (range.kind === 'object') return { kind: 'string' };
  return range.kind === 'dyn' || range.kind === 'never' ? dyn : null;
}

function callType(syntax: Syntax, call: Kind<'callExpr'>, locals: Locals, checked: Checked): ExpressionType {
  const { target, args } = call;
  const namespaced = target !== undefined && textOf(target) === 'strings' && call.function === 'quote';
  const name = namespaced ? 'strings.quote' : call.function;
  if (target !== undefined && macros.has(name)) {
    const help = `write \`${name}(x, …)\` with a name for the element and what is asked of it`;
    throw failureAt(checked, syntax, `\`${name}\` does not take ${args.length} parts: ${help}`, name);
  }
  const receiver = target === undefined || namespaced ? null : typeOf(target, locals, checked);
  const types = args.map((each) => typeOf(each, locals, checked));
  const special = syntacticType(syntax, name, args, types, checked);
  if (special !== null) return special;
  const signatures = signaturesOf(name);
  if (signatures.length === 0) {
    const meant = suggest(name, functionNames);
    const help = meant === null ? '' : `: did you mean \`${meant}\`?`;
    throw failureAt(checked, syntax, `There is no function \`${name}\`${help}`, name);
  }
  const result = resultOf(signatures, receiver, types);
  if (result !== null) return result;
  const all = target === undefined || namespaced ? args : [target, ...args];
  const allTypes = receiver === null ? types : [receiver, ...types];
  const message = /^_.*_$|^-_$/.test(name)
    ? noOperator(name.replaceAll('_', ''), all.map(textOf), allTypes)
    : noOverload(name, signatures, receiver === null ? null : [textOf(all[0] ?? syntax), receiver], types);
  throw failureAt(checked, syntax, message, name);
}

/** Operators whose type follows from their operands; null for everything in the table of signatures. */
function syntacticType(
  syntax: Syntax,
  name: string,
  args: readonly Syntax[],
  types: readonly ExpressionType[],
  checked: Checked,
): ExpressionType | null {
  const [left = dyn, right = dyn, third = dyn] = types;
  switch (name) {
    case '_&&_':
    case '_||_':
    case '!_':
    case '@not_strictly_false':
      for (const [index, type] of types.entries()) expectBool(type, args[index] ?? syntax, name, checked);
      return bool;
    case '_?_:_':
      expectBool(left, args[0] ?? syntax, '?', checked);
      return joined([right, third]);
    case '_==_':
    case '_!=_':
      expectComparable(syntax, args, [left, right], checked);
      return bool;
    case '@in':
      return membership(syntax, args, [left, right], checked);
    case '_[_]':
      return indexedType(syntax, args, [left, right], checked);
    case '_+_':
      if (bare(left).kind !== 'list' || bare(right).kind !== 'list') return null;
      return joined([bare(left), bare(right)]);
    case '_?._':
    case '_[?_]':
      throw failureAt(
        checked,
        syntax,
        'Optional fields are not supported: write has(a.b) ? a.b : "otherwise"',
      );
    default:
      return null;
  }
}

function expectBool(type: ExpressionType, at: Syntax, operator: string, checked: Checked): void {
  const { kind } = bare(type);
  if (kind === 'bool' || kind === 'dyn' || kind === 'never') return;
  const sign = operator.replaceAll('_', '');
  const where = sign.startsWith('@') ? 'A condition' : `\`${sign}\``;
  throw failureAt(
    checked,
    at,
    `${where} needs true or false, and ${textOf(at)} is ${article(typeName(type))}`,
  );
}

function expectComparable(
  syntax: Syntax,
  args: readonly Syntax[],
  types: readonly [ExpressionType, ExpressionType],
  checked: Checked,
): void {
  const [left, right] = args;
  if (left === undefined || right === undefined) return;
  const reason = neverEqual([left, right], types);
  if (reason !== null) throw failureAt(checked, syntax, reason);
}

function membership(
  syntax: Syntax,
  args: readonly Syntax[],
  [element, container]: readonly [ExpressionType, ExpressionType],
  checked: Checked,
): ExpressionType {
  const [left, right] = args;
  const range = bare(container);
  const of = elementType(range);
  if (of === null || left === undefined || right === undefined) {
    const what = right === undefined ? 'it' : textOf(right);
    throw failureAt(
      checked,
      syntax,
      `\`in\` looks into a list or a map, and ${what} is ${article(typeName(range))}`,
    );
  }
  expectComparable(syntax, [left, right], [element, of], checked);
  // In a list of several sorts, some are never equal, and that may be meant.
  const written =
    right.exprKind.case === 'listExpr' && of.kind !== 'dyn' ? right.exprKind.value.elements : [];
  for (const each of written) {
    if (each.exprKind.case !== 'constExpr') continue;
    expectComparable(each, [left, each], [element, constantType(each.exprKind.value)], checked);
  }
  return bool;
}

function indexedType(
  syntax: Syntax,
  args: readonly Syntax[],
  [owner, index]: readonly [ExpressionType, ExpressionType],
  checked: Checked,
): ExpressionType {
  const [operand, at] = args;
  const type = bare(owner);
  const by = bare(index).kind;
  if (operand === undefined || at === undefined || type.kind === 'dyn' || type.kind === 'never') return dyn;
  if (type.kind === 'list') {
    if (['int', 'uint', 'double', 'dyn'].includes(by)) return type.of;
    throw failureAt(checked, at, `${textOf(operand)} is a list: its index is a number, not ${article(by)}`);
  }
  if (type.kind === 'map') return type.value;
  const name = at.exprKind.case === 'constExpr' ? at.exprKind.value.constantKind : undefined;
  if (type.kind === 'object' && name?.case !== 'stringValue') {
    if (by === 'string' || by === 'dyn') return dyn;
    throw failureAt(checked, at, `${textOf(operand)} is an object: its index is a text, not ${article(by)}`);
  }
  return memberType(type, name?.case === 'stringValue' ? name.value : '', operand, syntax, checked);
}
