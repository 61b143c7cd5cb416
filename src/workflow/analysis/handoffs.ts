import { type SameField, sameField } from '../../outcome/same.ts';
import { sentPlace } from '../compile-same.ts';
import { typeOfSchema } from '../expression-type.ts';
import type { Place } from '../place.ts';
import { suggest } from '../suggest.ts';
import type { CompiledHandoff, CompiledRequest } from '../workflow.ts';
import { analyseBody } from './body.ts';
import type { Case } from './case.ts';
import { type Domain, intersected, isEmpty } from './domain.ts';
import { sentOf } from './fit.ts';
import {
  holding,
  type Inspected,
  inspect,
  outcomesIn,
  type Role,
  type Setting,
  truthsOf,
} from './inspect.ts';
import { neverHolds } from './never.ts';
import { analyseParameters } from './parameters.ts';
import { programOf } from './program.ts';
import { type Shape, shapeOf, unknownShape } from './shape.ts';
import { spotOf } from './span.ts';
import { described, listed } from './words.ts';

const stops = 'nothing is sent and the ticket stops as `transform_failed`';
const conditionRole: Role = { isCondition: true, fails: stops };
const valueRole: Role = { isCondition: false, fails: stops };
const undoRole: Role = {
  isCondition: false,
  fails: 'what was done stays, and a person has to take it back: `transform_failed`',
};
const readRole: Role = {
  isCondition: false,
  fails: 'the record cannot be read back and the handoff ends as `unconfirmed`',
};
const proofRole: Role = {
  isCondition: true,
  fails: 'the proof fails and the handoff ends as `contradicted`',
};

/** Looks at the `handoffs:` section for tickets that are routed. */
export function analyseHandoffs(
  place: Place,
  handoffs: readonly CompiledHandoff[],
  given: readonly Case[],
  setting: Setting,
): void {
  for (const [index, part] of place.elements().entries()) {
    const handoff = handoffs[index];
    if (handoff !== undefined) analyseHandoff(part, handoff, given, setting);
  }
}

function analyseHandoff(
  place: Place,
  handoff: CompiledHandoff,
  given: readonly Case[],
  setting: Setting,
): void {
  const { request } = handoff;
  const made = where(place.get('when'), given, 'this handoff is never made', setting);
  const look = (part: Place) => inspect(part, made, valueRole, setting);
  analyseParameters(place.get('with'), request, look);
  analyseBody(place.get('body'), place.get('operation'), request, look);
  where(place.get('approval').get('when'), made, 'this approval is never asked for', setting);
  analyseOutcome(place.get('outcome'), place.get('body'), handoff, made, setting);
  analyseUndo(place.get('undo'), handoff, made, setting);
}

/** An undo is made of the answer to its handoff. */
function analyseUndo(
  place: Place,
  { request, undo }: CompiledHandoff,
  given: readonly Case[],
  setting: Setting,
): void {
  if (undo === undefined) return;
  const shapes = {
    request: shapeKnown(request.requestContract),
    response: shapeKnown(request.responseContract),
  };
  const accepted = given.map((each) => ({ ...each, shapes: { ...each.shapes, ...shapes } }));
  const look = (part: Place) => inspect(part, accepted, undoRole, setting);
  analyseParameters(place.get('with'), undo.request, look);
  analyseBody(
    place.get('body'),
    place.get('operation'),
    undo.request,
    look,
    'not be undone but stop as `rejected`',
  );
  const answered = { ...undo.request, responseContract: request.responseContract };
  const proved = { request: answered, outcome: undo.outcome };
  analyseOutcome(place.get('outcome'), place.get('body'), proved, accepted, setting);
}

function shapeKnown(contract: { readonly schema: unknown } | null | undefined): Shape {
  return contract == null ? unknownShape : shapeOf(contract.schema);
}

/** The cases in which an optional condition holds; all, where it is not there or not understood. */
function where(place: Place, given: readonly Case[], says: string, setting: Setting): readonly Case[] {
  const inspected = place.value === undefined ? null : inspect(place, given, conditionRole, setting);
  if (inspected === null) return given;
  const cases = holding(truthsOf(inspected));
  if (cases.length === 0) reportNever(inspected, given, says, setting);
  return cases.length === 0 ? given : cases;
}

function reportNever(inspected: Inspected, given: readonly Case[], says: string, setting: Setting): void {
  const { place, program, isReported } = inspected;
  const never = isReported ? null : neverHolds(program, given, setting);
  if (never === null) return;
  place.report({
    code: 'SB163',
    message: `${says}: ${never.why}`,
    help: never.help,
    at: spotOf(program, never.at),
  });
}

function analyseOutcome(
  place: Place,
  body: Place,
  { request, outcome }: Pick<CompiledHandoff, 'request' | 'outcome'>,
  given: readonly Case[],
  setting: Setting,
): void {
  if (outcome.confirm !== undefined) return;
  const result = shapeKnown(outcome.read?.responseContract);
  const shapes = {
    request: shapeKnown(request.requestContract),
    response: shapeKnown(request.responseContract),
  };
  const asked = given.map((each) => ({ ...each, shapes: { ...each.shapes, ...shapes } }));
  if (outcome.read !== null) {
    analyseParameters(place.get('with'), outcome.read, (part) => inspect(part, asked, readRole, setting));
  }
  const read = asked.map((each) => ({ ...each, shapes: { ...each.shapes, result } }));
  const that = place.get('that');
  const inspected = that.value === undefined ? null : inspect(that, read, proofRole, setting);
  if (inspected !== null) reportProof(inspected, read, setting);
  const { read: reading } = outcome;
  if (reading === null) return;
  for (const [index, element] of place.get('same').elements().entries()) {
    const field = sameField(outcome.same[index] ?? '');
    // Deeper than a name, only the record can tell.
    if (/[./*]/.test(`${field.sent}${field.found}`)) continue;
    // What its own operation refuses is told there.
    const entry = body.get(field.sent);
    const sent = entry.isFaulty ? null : programOf(entry.written());
    const outcomes = sent === null ? null : outcomesIn(sent, sent.syntax, given, setting);
    const found = element.get('found');
    const at = found.value !== undefined ? found : sentPlace(element);
    reportSame(at, field, sentOf(outcomes ?? []), reading, result);
  }
}

function reportProof(inspected: Inspected, given: readonly Case[], setting: Setting): void {
  const { place, program, isReported } = inspected;
  const all = truthsOf(inspected);
  const never = isReported ? null : neverHolds(program, given, setting);
  if (never !== null) {
    place.report({
      code: 'SB169',
      message: `this proof never holds: ${never.why}`,
      help: `${never.help}; as it stands every handoff ends as \`contradicted\``,
      at: spotOf(program, never.at),
    });
  } else if (all.length > 0 && all.every(({ holds }) => holds === true)) {
    place.report({
      code: 'SB169',
      message: 'this proves nothing: it holds whatever is read back',
      help: 'ask for what only a record has that was made as it should be: `result.manager != ""`',
    });
  }
}

/** A field that is compared must be in the record that is read back, and able to be what was sent. */
function reportSame(
  place: Place,
  { sent: name, found, as }: SameField,
  sent: readonly Domain[],
  { operation, responseContract }: CompiledRequest,
  result: Shape,
): void {
  const type = responseContract === null ? null : typeOfSchema(responseContract.schema);
  if (name === '' || type?.kind !== 'object') return;
  if (type.field(found) === null) {
    const names = type.names();
    const meant = suggest(found, names);
    place.report({
      code: 'SB169',
      message: `what \`${operation}\` answers has no field \`${found}\`${meant === null ? '' : `, did you mean \`${meant}\`?`}`,
      help: `as it stands every handoff ends as \`contradicted\`; it answers with ${listed([...names], 'and')}`,
    });
    return;
  }
  const { domain } = result.member(found).shape;
  const [first] = sent;
  // Other ways of comparing hold values of different types to be the same.
  if (!as.startsWith('text') && as !== 'exact') return;
  if (first === undefined || sent.some((each) => !isEmpty(intersected(each, domain)))) return;
  place.report({
    code: 'SB169',
    message: `\`${name}\` is sent as ${described(first) ?? 'something else'} and read back as ${described(domain) ?? 'something else'}: they are never the same`,
    help: `as it stands every handoff ends as \`contradicted\`; compare it in \`that\`: \`result.${found} == …\``,
  });
}
