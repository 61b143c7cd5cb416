import { stringify } from 'yaml';
import { canonical } from '../../audit/encoding.ts';
import type { Trigger } from '../../decision.ts';
import { payloadOf } from '../../intake/split.ts';
import type { SourceFile } from '../source-file.ts';
import type { CompiledWorkflow } from '../workflow.ts';
import type { Case } from './case.ts';
import { headerNamesIn, sourcesOf } from './generate.ts';
import { schemaLine } from './keep.ts';
import { begin, type Life, ticketDecision } from './life.ts';
import { redact } from './redact.ts';
import { viewOf } from './view.ts';

/** A trigger as it was recorded. */
export interface Recording {
  readonly ticket: string;
  readonly trigger: Trigger;
  readonly receivedAt: Date;
}

export interface RecordedCase {
  /** A case file. */
  readonly text: string;
  /** JSON pointers in the payload, and `/headers/…`. */
  readonly replaced: readonly string[];
  readonly kept: readonly string[];
  /** The state that the files on disk decide, which the case expects. */
  readonly state: unknown;
}

/**
 * Makes a case of a recorded trigger, and of the ticket that came first where one did: personal values are replaced
 * wherever the decision stays the same without them. Null: as a case it would be decided otherwise than it was. Pure.
 */
export function recordedCase(
  workflow: CompiledWorkflow,
  recording: Recording,
  first: Recording | null,
): RecordedCase | null {
  const real = decidedShape(begin(caseOf(workflow, recording, first?.trigger ?? null)));
  const content = {
    ...contentOf(workflow, recording.trigger),
    ...(first && { held: contentOf(workflow, first.trigger) }),
  };
  const asCase = (made: unknown) => begin(caseFrom(workflow, recording, made as Content));
  const same = (made: unknown) => decidedShape(asCase(made)) === real;
  if (!same(content)) return null;
  const { schema } = workflow.trigger.contract;
  // Beside the payload's schema stand the definitions that it refers to; what it says itself is not said of the case.
  const shape = {
    ...Object(schema),
    ...{ $ref: undefined, allOf: undefined, anyOf: undefined, oneOf: undefined, additionalProperties: true },
    properties: { payload: schema, held: { properties: { payload: schema } } },
  };
  const { value, replaced, kept } = redact(content, shape, same);
  const life = asCase(value);
  const file = fileContent(workflow, recording, value as Content, life);
  const comment = `# Ticket ${recording.ticket}, with personal values replaced; \`signalbox test --record\` wrote it.`;
  const text = `${schemaLine}\n${comment}\n${stringify(file, { lineWidth: 110 })}`;
  return { text, replaced: replaced.map(shortened), kept: kept.map(shortened), state: viewOf(life).state };
}

/** What of a trigger its workflow can see. */
interface Content {
  /** As contract and expressions see it; absent where the body cannot be read. */
  readonly payload?: unknown;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly held?: Content;
}

function contentOf(workflow: CompiledWorkflow, trigger: Trigger): Content {
  const parsed = payloadOf(workflow.trigger, trigger);
  const read = new Set(headerNamesIn(sourcesOf(workflow)));
  const headers = Object.fromEntries(
    Object.entries(trigger.headers).filter(([name]) => read.has(name) || name.startsWith('ce-')),
  );
  const content = parsed.ok
    ? { payload: parsed.value }
    : { body: Buffer.from(trigger.body).toString('utf8') };
  return { ...content, headers };
}

function caseFrom(workflow: CompiledWorkflow, recording: Recording, content: Content): Case {
  const { trigger } = recording;
  const held = content.held === undefined ? null : triggerFrom(workflow, trigger, content.held);
  return caseOf(workflow, { ...recording, trigger: triggerFrom(workflow, trigger, content) }, held);
}

/** What could be read is sent as JSON: whatever it came as, the workflow sees the same. */
function triggerFrom(
  { trigger: { source, split } }: CompiledWorkflow,
  real: Trigger,
  { payload, body, headers }: Content,
): Trigger {
  const contentType = payload === undefined ? real.contentType : 'application/json';
  const bytes = Buffer.from(payload === undefined ? (body ?? '') : JSON.stringify(payload));
  const sent = { source, contentType, headers: { 'content-type': contentType, ...headers }, body: bytes };
  return split === null ? sent : { ...sent, part: 0 };
}

function caseOf(
  workflow: CompiledWorkflow,
  { trigger, receivedAt: now }: Recording,
  held: Trigger | null,
): Case {
  return {
    name: '',
    file: nowhere,
    path: [],
    workflow,
    trigger,
    held: held && { trigger: held, at: now, fixed: null },
    rerouteTo: null,
    now,
    says: {},
  };
}

/** It is decided, not compared: nothing asks where it stands. */
const nowhere: SourceFile = {
  path: '',
  value: null,
  faults: [],
  position: () => ({ line: 1, column: 1 }),
  valueSpan: () => ({ start: 0, end: 0 }),
  keySpan: () => ({ start: 0, end: 0 }),
  textSpan: () => ({ start: 0, end: 0 }),
  written: () => undefined,
};

/** All of a decision but the values in it: two of the same shape went the same way for the same reasons. */
function decidedShape({ decision, reasons }: Life): string {
  const decided = ticketDecision(decision);
  const exception = decided?.kind === 'stopped' ? decided.exception : null;
  const violations = exception?.detail.violations;
  return canonical({
    kind: decision.kind,
    becomes: decided?.kind ?? null,
    codes: reasons.map(({ rung, code }) => `${rung} ${code}`),
    mode: exception?.mode ?? null,
    failed: exception?.detail.failed ?? [],
    violations: Array.isArray(violations) ? violations.map(({ path, rule }) => `${path} ${rule}`) : [],
    route: decided !== null && decided.kind !== 'rejected' ? routeShape(decided.route) : null,
    handoffs:
      decided?.kind === 'routed'
        ? decided.handoffs.map(({ handoff, approval }) => [handoff, approval?.by ?? null])
        : [],
  });
}

function routeShape(
  route: NonNullable<Extract<ReturnType<typeof ticketDecision>, { route: unknown }>['route']> | null,
) {
  if (route === null) return null;
  const { to, confidence, candidates } = route;
  return [to, confidence, candidates.map((each) => [each.to, each.signals.map(({ held }) => held)])];
}

function fileContent(
  workflow: CompiledWorkflow,
  { ticket, receivedAt, trigger }: Recording,
  content: Content,
  life: Life,
) {
  const written = ({ payload, body, headers }: Content) => ({
    // A text would be the path of a file.
    ...(payload === undefined || typeof payload === 'string'
      ? { body: payload === undefined ? body : JSON.stringify(payload) }
      : { payload }),
    ...(payload === undefined && { content_type: trigger.contentType }),
    ...(Object.keys(headers).length > 0 && { headers }),
  });
  const one = {
    name: `As ticket ${ticket} was decided`,
    now: receivedAt.toISOString(),
    ...written(content),
    ...(content.held && { held: written(content.held) }),
    expect: expectationOf(life),
  };
  return { workflow: workflow.name, cases: [one] };
}

/** What must hold from now on: where it went, how sure, and why it stopped. */
function expectationOf(life: Life) {
  const { state, route, confidence } = viewOf(life);
  const decided = ticketDecision(life.decision);
  const exception = decided?.kind === 'stopped' ? decided.exception : null;
  const failed = exception?.detail.failed;
  return {
    state,
    ...(decided?.kind !== 'rejected' && decided !== null && { route }),
    ...(confidence !== undefined && { confidence }),
    ...(exception && {
      exception: { mode: exception.mode, ...(Array.isArray(failed) && { checks: failed }) },
    }),
    handoffs: life.handoffs.map(({ draft }) => draft.handoff),
  };
}

/** The payload's own pointers stand by themselves. */
function shortened(pointer: string): string {
  return pointer.replace(/^\/payload(?=\/|$)/, '') || '/';
}
