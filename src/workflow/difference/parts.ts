import type { ExceptionOverride, ExceptionPolicy } from '../../exceptions/exception.ts';
import { sameText } from '../../outcome/same.ts';
import { defaultRemindMs } from '../compile-approval.ts';
import { formatDuration } from '../duration.ts';
import type {
  BodyTemplate,
  CompiledHandoff,
  CompiledRequest,
  CompiledRule,
  CompiledWorkflow,
} from '../workflow.ts';
import type { DifferenceKind } from './difference.ts';

/** A part of a workflow that comes, goes or changes as one. */
export interface Part {
  readonly kind: DifferenceKind;
  /** As in the file; what has a name of its own is called by it: `checks.budget-in-range`. */
  readonly path: string;
  /** How it is spoken of. */
  readonly name: string;
  readonly values: readonly Value[];
}

interface Value {
  /** Below the part's path; '' for the part itself. */
  readonly key: string;
  /** "its owner". */
  readonly what: string;
  /** As JSON; null: not there. */
  readonly value: unknown;
  /** Told of a part that is new. */
  readonly tell?: boolean;
  /** Whether a change of it breaks for who sends payloads; without: it does not. */
  readonly breaks?: (before: unknown, after: unknown) => boolean | null;
}

/** A compiled workflow as parts, but for what its contract says. */
export function partsOf(workflow: CompiledWorkflow): Part[] {
  return [
    {
      kind: 'workflow',
      path: '',
      name: 'The workflow',
      values: [
        value('summary', 'its summary', workflow.summary),
        value('metric', 'its metric', workflow.metric),
      ],
    },
    {
      kind: 'owner',
      path: '',
      name: 'Ownership',
      values: [
        value('owner', 'the owner', workflow.owner),
        value('alternate', 'the alternate', workflow.alternate),
      ],
    },
    triggerPart(workflow),
    ...workflow.fields.map(({ name, value: { source } }): Part => {
      return {
        kind: 'ticket',
        path: `ticket.${name}`,
        name: `The ticket’s field \`${name}\``,
        values: [told('', 'its expression', source)],
      };
    }),
    ...workflow.checks.map(
      ({ id, that, otherwise, checklist }): Part => ({
        kind: 'check',
        path: `checks.${id}`,
        name: `The check \`${id}\``,
        values: [
          told('that', 'what must hold', that.source),
          value('otherwise', 'what is read where it does not hold', otherwise),
          value('checklist', 'the checklist', list(checklist)),
        ],
      }),
    ),
    routesPart(workflow),
    ...ruleParts(workflow.routes.rules),
    ...workflow.handoffs.map(handoffPart),
    exceptionsPart(workflow.exceptions),
    ...Object.entries(workflow.exceptions.on).map(([mode, override]) => overridePart(mode, override)),
  ];
}

function value(key: string, what: string, content: unknown, breaks?: Value['breaks']): Value {
  return { key, what, value: content ?? null, ...(breaks && { breaks }) };
}

function told(key: string, what: string, content: unknown): Value {
  return { key, what, value: content ?? null, tell: true };
}

function duration(ms: number | null): string | null {
  return ms === null ? null : formatDuration(ms);
}

function list(texts: readonly string[]): readonly string[] | null {
  return texts.length === 0 ? null : texts;
}

function triggerPart({ trigger }: CompiledWorkflow): Part {
  const { duplicates } = trigger;
  return {
    kind: 'trigger',
    path: 'trigger',
    name: 'The trigger',
    values: [
      value('source', 'the source', trigger.source, () => true),
      value('contract', 'the file of the contract', trigger.contract.name),
      // What the contract is asked of is another part of the body then.
      value('split', 'what a delivery is split into', trigger.split?.source, () => null),
      value('json_field', 'the field that holds the payload', trigger.jsonField, () => null),
      value('identity', 'what makes two triggers the same', trigger.identity?.source),
      value('duplicates.within', 'how long an identity is remembered', duration(duplicates.withinMs)),
      value('duplicates.other_content', 'what becomes of other content', duplicates.otherContent),
      value('duplicates.version', 'what tells newer content', duplicates.version?.source),
      // What breaks the contract was taken, for a person to settle, and is answered 422 then.
      value(
        'on_invalid',
        'what becomes of a payload that breaks the contract',
        trigger.onInvalid,
        (_, now) => (now === 'reject' ? null : false),
      ),
      value('expect.every', 'how often the source is expected to speak', duration(trigger.expectEveryMs)),
      value(
        'expect.false_alarm_every',
        'how often chance alone may call the source silent',
        duration(trigger.falseAlarmEveryMs),
      ),
    ],
  };
}

function routesPart({ routes }: CompiledWorkflow): Part {
  return {
    kind: 'routes',
    path: 'routes',
    name: 'Routing',
    values: [
      value('threshold', 'the confidence that is needed', routes.threshold),
      value('otherwise', 'where a ticket goes that no rule matches', routes.otherwise),
    ],
  };
}

/** A rule has no name: it is called by where it leads, and by its place among those that lead there. */
function ruleParts(rules: readonly CompiledRule[]): Part[] {
  const seen = new Map<string, number>();
  return rules.map(({ to, when, signals }) => {
    const count = (seen.get(to) ?? 0) + 1;
    seen.set(to, count);
    const which = count === 1 ? to : `${to} (${count})`;
    return {
      kind: 'rule',
      path: `routes.rules.${which}`,
      name: `The rule to \`${which}\``,
      values: [
        told('when', 'its condition', when?.source),
        ...signals.map(({ that, weight }) => {
          return told(`signals.${that.source}`, `the weight of the signal ${that.source}`, weight);
        }),
      ],
    };
  });
}

function handoffPart(handoff: CompiledHandoff): Part {
  const { approval, retry, outcome } = handoff;
  return {
    kind: 'handoff',
    path: `handoffs.${handoff.id}`,
    name: `The handoff \`${handoff.id}\``,
    values: [
      told('to', 'its destination', handoff.destination),
      value('when', 'its condition', handoff.when?.source),
      ...requestValues('', handoff.request),
      value(
        'approval.when',
        'when it needs a yes',
        approval === null ? null : (approval.when?.source ?? 'always'),
      ),
      value('approval.by', 'whose yes it needs', approval?.by),
      value('approval.within', 'by when the yes is needed', duration(approval?.withinMs ?? null)),
      value('approval.alternate', 'who is asked after that', approval?.alternate),
      value('approval.alternate_within', 'how long they have', duration(approval?.alternateMs ?? null)),
      value(
        'approval.remind',
        'how long before they are reminded',
        reminder(approval?.remindMs, approval?.withinMs),
      ),
      value('approval.approvals', 'how many have to say yes', approval?.approvals),
      value('approval.four_eyes', 'whether it needs four eyes', approval?.fourEyes),
      value('retry.attempts', 'how many attempts it has', retry.attemptsMax),
      value('retry.for', 'how long it is tried', duration(retry.forMs)),
      ...outcomeValues('', outcome),
      ...(handoff.undo === undefined ? [] : undoValues(handoff.undo, handoff.destination)),
      ...(handoff.find === undefined ? [] : findValues(handoff.find)),
      value('after', 'the handoffs that it waits for', list(handoff.after)),
    ],
  };
}

function undoValues(
  { when, destination, request, retry, outcome }: NonNullable<CompiledHandoff['undo']>,
  own: string,
): Value[] {
  return [
    value('undo.when', 'when it is taken back', when),
    value('undo.to', 'who takes it back', destination === own ? null : destination),
    ...requestValues('undo.', request),
    value('undo.retry.attempts', 'how many attempts its undo has', retry.attemptsMax),
    value('undo.retry.for', 'how long its undo is tried', duration(retry.forMs)),
    ...outcomeValues('undo.', outcome),
  ];
}

/** Of a handoff, or (`undo.`) of its undo. */
function outcomeValues(prefix: '' | 'undo.', outcome: CompiledHandoff['outcome']): Value[] {
  const of = `${prefix}outcome.`;
  const it = prefix === '' ? 'it' : 'its undo';
  return [
    ...(outcome.read === null ? [] : requestValues(of, outcome.read)),
    ...callbackValues(of, outcome),
    value(`${of}that`, `what proves ${it}`, outcome.that?.source),
    value(`${of}until`, `when ${it} is at its end`, outcome.until?.source),
    value(`${of}fail_when`, `what says that ${it} has failed`, outcome.failWhen?.source),
    value(`${of}gone`, `whether what is gone proves ${it}`, outcome.gone),
    value(`${of}same`, `the fields that prove ${it}`, list(outcome.same.map(sameText))),
    value(`${of}within`, `by when ${it} must be proved`, duration(outcome.withinMs)),
  ];
}

/** Null where nobody has said it: it follows from the deadline. */
function reminder(remindMs = 0, withinMs = 0): string | null {
  return remindMs === defaultRemindMs(withinMs) ? null : duration(remindMs);
}

function callbackValues(of: string, { callback, confirm, withinMs }: CompiledHandoff['outcome']): Value[] {
  return [
    value(
      `${of}callback`,
      'who calls back',
      callback === undefined ? null : (callback.from ?? 'by its link'),
    ),
    value(`${of}callback.match`, 'what names it in a callback', callback?.match?.source),
    value(`${of}callback.key`, 'its name in a callback', callback?.key?.source),
    value(`${of}confirm.by`, 'who confirms it', confirm?.by),
    value(`${of}confirm.checklist`, 'what they look at', list(confirm?.checklist ?? [])),
    value(`${of}confirm.remind`, 'how long before they are reminded', reminder(confirm?.remindMs, withinMs)),
  ];
}

function findValues({ read, that, record }: NonNullable<CompiledHandoff['find']>): Value[] {
  return [
    ...requestValues('find.', read),
    value('find.that', 'what says that it was found', that?.source),
    value('find.record', 'what stands for its answer', record?.source),
  ];
}

function requestValues(prefix: string, request: CompiledRequest): Value[] {
  const whose =
    prefix === ''
      ? 'its'
      : prefix === 'find.'
        ? 'the search’s'
        : prefix === 'undo.'
          ? 'the undo’s'
          : 'the proof’s';
  const operation = { operation: request.operation, request: `${request.method} ${request.path}` };
  const same = operation.operation === operation.request;
  return [
    {
      key: prefix === '' || prefix === 'undo.' ? `${prefix}operation` : `${prefix}read`,
      what: `${whose} operation`,
      value: operation.operation,
      tell: prefix === '',
    },
    ...(same ? [] : [value(`${prefix}request`, `${whose} request`, operation.request)]),
    ...request.parameters.flatMap(({ name, in: where, value: { source }, schema, style }) => {
      const [path, what] = [`${prefix}with.${name}`, `${whose} ${where} parameter \`${name}\``];
      return [
        value(path, what, source),
        value(`${path}.schema`, `what the destination’s document says of ${what}`, schema),
        value(`${path}.style`, `how ${what} is written`, style),
      ];
    }),
    ...(request.body === null ? [] : bodyValues(`${prefix}body`, request.body)),
    value(`${prefix}media`, `what ${whose} body is sent as`, request.media),
    value(`${prefix}styles`, `how the fields of ${whose} body are written`, request.styles),
    value(
      `${prefix}request_contract`,
      `what the destination’s document says of ${whose} body`,
      request.requestContract?.schema,
    ),
    value(
      `${prefix}response_contract`,
      `what the destination’s document says of ${whose} answer`,
      request.responseContract?.schema,
    ),
  ];
}

/** The fields of a body, each by its path. */
function bodyValues(path: string, body: BodyTemplate): Value[] {
  switch (body.kind) {
    case 'expression':
      return [value(path, `\`${path}\``, body.value.source)];
    case 'object':
      return body.entries.flatMap(([name, part]) => bodyValues(`${path}.${name}`, part));
    case 'array':
      return body.items.flatMap((part, index) => bodyValues(`${path}[${index}]`, part));
  }
}

function exceptionsPart(policy: ExceptionPolicy): Part {
  return {
    kind: 'exceptions',
    path: 'exceptions',
    name: 'Exceptions',
    values: [
      ...overrideValues(policy),
      value('claim_lease', 'how long a claim holds', duration(policy.claimLeaseMs)),
      value('escalate', 'who is told after owner and alternate', list(policy.escalate)),
      value('root_causes', 'the root causes', list(policy.rootCauses)),
    ],
  };
}

function overridePart(mode: string, override: ExceptionOverride): Part {
  return {
    kind: 'exceptions',
    path: `exceptions.on.${mode}`,
    name: `Exceptions of \`${mode}\``,
    values: overrideValues(override),
  };
}

function overrideValues({ owner, alternate, ttlMs, resolveWithinMs, checklist }: ExceptionOverride): Value[] {
  return [
    value('owner', 'who takes them', owner),
    value('alternate', 'who takes them after that', alternate),
    value('ttl', 'by when they are taken', duration(ttlMs ?? null)),
    value('resolve_within', 'by when they are settled', duration(resolveWithinMs ?? null)),
    value('checklist', 'the checklist', list(checklist ?? [])),
  ];
}
