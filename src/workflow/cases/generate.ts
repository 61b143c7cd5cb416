import fc from 'fast-check';
import { decide } from '../../decide.ts';
import type { Decision, Trigger } from '../../decision.ts';
import { parseJson } from '../../intake/parse.ts';
import type { BodyTemplate, CompiledRequest, CompiledWorkflow } from '../workflow.ts';
import { valuesOf } from './arbitrary.ts';
import type { Literals } from './arbitrary-text.ts';

/** What the generated payloads of one workflow have shown. */
export interface Generated {
  readonly workflow: string;
  /** Payloads that the contract allows, and that were decided. */
  readonly runs: number;
  /** Made, but refused by the contract: what its schema says is not all built in. */
  readonly skipped: number;
  readonly seed: number;
  /** Null: what must hold of every payload holds. */
  readonly counterexample: Counterexample | null;
  /** Why too few could be made, one sentence; null: they could. */
  readonly unable: string | null;
}

/** A payload that the contract allows and that breaks what must hold, made as small as could be. */
export interface Counterexample extends Broken {
  readonly payload: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

interface Broken {
  /** One sentence. */
  readonly broken: string;
  /** The failure mode that it should not have had; null where that is not what is wrong. */
  readonly mode: string | null;
}

interface Options {
  readonly runs: number;
  /** The same seed makes the same payloads. */
  readonly seed: number;
}

/** So many payloads may be refused for each that is decided. */
const skipsPerRun = 20;

const now = new Date('2026-01-05T09:00:00Z');

/**
 * Decides payloads that are made from the workflow's own contract, and demands of each: it gets an owner, ends in a
 * state of the ladder with a confidence from 0 to 1, nothing throws, and nothing that the contract allows fails to be
 * transformed or is refused by a destination's document. Pure: a seed always makes the same payloads.
 */
export function generateCases(workflow: CompiledWorkflow, { runs, seed }: Options): Generated {
  const sources = sourcesOf(workflow);
  const payloads = valuesOf(workflow.trigger.contract.schema, literalsIn(sources));
  const headers = headersOf(sources);
  let found: Broken | null = null;
  const property = fc.property(payloads, headers, (payload, read) => {
    const body = Buffer.from(JSON.stringify(payload) ?? 'null');
    const parsed = parseJson(body);
    fc.pre(parsed.ok && workflow.trigger.contract.validate(parsed.value).length === 0);
    const broken = brokenBy(workflow, triggerOf(workflow, body, read));
    // While it is made smaller, it stays what it was: a smaller payload that breaks something else is another finding.
    if (broken === null || (found !== null && kindOf(found) !== kindOf(broken))) return true;
    found = broken;
    return false;
  });
  const details = fc.check(property, { seed, numRuns: runs, maxSkipsPerRun: skipsPerRun });
  const counted = { workflow: workflow.name, runs: details.numRuns, skipped: details.numSkips, seed };
  if (!details.failed) return { ...counted, counterexample: null, unable: null };
  if (details.counterexample === null || found === null) {
    const unable = `Of ${details.numSkips + details.numRuns} payloads made from ${workflow.trigger.contract.name}, it allows only ${details.numRuns}: its rules are more than can be made by chance`;
    return { ...counted, counterexample: null, unable };
  }
  const [payload, read] = details.counterexample;
  return { ...counted, unable: null, counterexample: { payload, headers: read, ...(found as Broken) } };
}

function triggerOf(
  { trigger }: CompiledWorkflow,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Trigger {
  const contentType = 'application/json';
  const sent = {
    source: trigger.source,
    contentType,
    headers: { 'content-type': contentType, ...headers },
    body,
  };
  return trigger.split === null ? sent : { ...sent, part: 0 };
}

/** The same sentence but for the values in it. */
function kindOf({ broken }: Broken): string {
  return broken.replaceAll(/"(?:[^"\\]|\\.)*"|\d+/g, '');
}

/** What is wrong with the decision on a payload that the contract allows; null: nothing. */
function brokenBy(workflow: CompiledWorkflow, trigger: Trigger): Broken | null {
  let decision: Decision;
  try {
    decision = decide(workflow, trigger, { holder: null, rerouteTo: null }, now);
  } catch (error) {
    return { broken: `it throws: ${error instanceof Error ? error.message : String(error)}`, mode: null };
  }
  if (decision.kind !== 'routed' && decision.kind !== 'stopped') {
    return {
      broken: `it is ${decision.kind}, though its contract allows it and nothing came first`,
      mode: null,
    };
  }
  const confidence = decision.route?.confidence ?? 0;
  if (!(confidence >= 0 && confidence <= 1)) {
    return { broken: `its confidence is ${confidence}`, mode: null };
  }
  if (decision.kind === 'routed') return null;
  const { mode, summary, policy } = decision.exception;
  if (!policy.owner || !policy.alternate) return { broken: `its exception ${mode} has no owner`, mode: null };
  return neverAllowed.has(mode) ? { broken: `${mode}: ${summary}`, mode } : null;
}

/** What no payload that the contract allows should come to. */
const neverAllowed: ReadonlySet<string> = new Set([
  'unparseable',
  'contract_violation',
  'transform_failed',
  'destination_contract_violation',
]);

/** The text of every expression that sees a payload or headers. */
export function sourcesOf({ trigger, fields, checks, routes, handoffs }: CompiledWorkflow): string[] {
  const expressions = [
    trigger.identity,
    trigger.duplicates.version,
    ...fields.map(({ value }) => value),
    ...checks.map(({ that }) => that),
    ...routes.rules.flatMap(({ when, signals }) => [when, ...signals.map(({ that }) => that)]),
    ...handoffs.flatMap(({ when, approval, request }) => [
      when,
      approval?.when ?? null,
      ...requestExpressions(request),
    ]),
  ];
  return expressions.flatMap((each) => (each === null ? [] : [each.source]));
}

function requestExpressions({ parameters, body }: CompiledRequest) {
  return [...parameters.map(({ value }) => value), ...(body === null ? [] : leavesOf(body))];
}

function leavesOf(template: BodyTemplate): Extract<BodyTemplate, { kind: 'expression' }>['value'][] {
  switch (template.kind) {
    case 'expression':
      return [template.value];
    case 'object':
      return template.entries.flatMap(([, value]) => leavesOf(value));
    case 'array':
      return template.items.flatMap(leavesOf);
  }
}

function literalsIn(sources: readonly string[]): Literals {
  const all = sources.join('\n');
  const texts = [...all.matchAll(/"([^"\\\n]{1,60})"|'([^'\\\n]{1,60})'/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
  const numbers = [...all.matchAll(/(?<![\w.])\d{1,15}(?:\.\d+)?/g)].map(([digits]) => Number(digits));
  return { texts: [...new Set(texts)], numbers: [...new Set(numbers)] };
}

/** The headers that expressions read, lower-case. */
export function headerNamesIn(sources: readonly string[]): string[] {
  const read = /\bheaders\s*(?:\[\s*(?:"([^"]+)"|'([^']+)')\s*\]|\.(\w+))/g;
  const names = sources.flatMap((source) =>
    [...source.matchAll(read)].map((match) => match[1] ?? match[2] ?? match[3] ?? ''),
  );
  return [...new Set(names.map((name) => name.toLowerCase()))];
}

function headersOf(sources: readonly string[]): fc.Arbitrary<Record<string, string>> {
  const value = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,20}$/);
  const names = headerNamesIn(sources);
  return fc.record(Object.fromEntries(names.map((name) => [name, value])), { noNullPrototype: true });
}
