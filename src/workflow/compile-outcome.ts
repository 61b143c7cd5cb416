import type { ConfirmPlan } from '../outcome/plan.ts';
import { remindMsAt } from './compile-approval.ts';
import { expressionAt, json, optionalExpressionAt, truth } from './compile-expression.ts';
import { durationAt, listed, referenceAt, textsAt } from './compile-parts.ts';
import { compileRequest, type DestinationParts, type Operation } from './compile-request.ts';
import { compileSame } from './compile-same.ts';
import { isMapping, type Place } from './place.ts';
import type { Scopes } from './scopes.ts';
import { suggest } from './suggest.ts';
import type { BodyTemplate, CompiledCallback, CompiledOutcome, CompiledRequest } from './workflow.ts';
import type { World } from './world.ts';

/** What an outcome is compiled with: the request that it proves, and the operation that reads it back. */
export interface OutcomeParts {
  readonly request: CompiledRequest;
  /** Null where there is none, or none that is known. */
  readonly read: Operation | null;
  readonly destination: DestinationParts;
}

/** The `outcome:` of a handoff. */
export function compileOutcome(
  place: Place,
  { request, read, destination }: OutcomeParts,
  scopes: Scopes,
  world: World,
): CompiledOutcome {
  const kind = kindOf(place);
  const sent = request.requestContract?.schema ?? true;
  const response = request.responseContract?.schema ?? true;
  const result = read?.responseContract?.schema ?? true;
  const seen = scopes.judge(sent, response, result);
  const condition = (name: string) => optionalExpressionAt(place.get(name), seen, truth);
  const withinMs = durationAt(place.get('within'));
  const parts = { operation: place.get('read'), with: place.get('with'), body: null };
  const reads = kind === 'read' || kind === null;
  if (reads) reportProofless(place);
  if (kind === 'callback') reportUncalled(place, request);
  return {
    read: reads ? compileRequest(parts, read, destination, scopes.read(sent, response)) : null,
    ...(kind === 'callback' && {
      callback: compileCallback(place.get('callback'), scopes, sent, response, world),
    }),
    ...(kind === 'confirm' && { confirm: compileConfirm(place.get('confirm'), withinMs, world) }),
    that: condition('that'),
    until: condition('until'),
    failWhen: condition('fail_when'),
    same: compileSame(place.get('same'), request, result),
    ...(place.get('gone').value === true && { gone: true as const }),
    withinMs,
  };
}

const kinds = ['read', 'callback', 'confirm'] as const;
const ofRecords = ['that', 'until', 'fail_when', 'same'];
/** What only a reading can tell. */
const ofReadings = ['with', 'gone'];

/** Which of the three it is; null where it is none (reported). */
function kindOf(place: Place): (typeof kinds)[number] | null {
  if (!isMapping(place.value)) return null;
  const [kind, second] = kinds.filter((key) => place.get(key).value !== undefined);
  if (kind === undefined) {
    place.report({
      code: 'SB150',
      message: 'the outcome proves nothing: it has neither `read` nor `callback` nor `confirm`',
      help: 'say how it is proved: `read:` the record back, let the target `callback:`, or let a person `confirm:` it',
      at: 'key',
    });
    return null;
  }
  if (second !== undefined)
    misfit(
      place.get(second),
      `\`${kind}\` and \`${second}\` stand side by side`,
      'one outcome is proved in one way: keep one of them',
    );
  const strange = kind === 'confirm' ? [...ofReadings, ...ofRecords] : kind === 'callback' ? ofReadings : [];
  for (const key of strange) {
    if (place.get(key).value === undefined) continue;
    const help = ofReadings.includes(key)
      ? 'nothing is asked for: take it out'
      : 'there is no record that it could be about: write what the person looks at into `checklist`';
    misfit(place.get(key), `\`${key}\` has no meaning with \`${kind}\``, help);
  }
  return kind;
}

function misfit(place: Place, message: string, help: string): void {
  place.report({ code: 'SB116', message, help, at: 'key' });
}

function reportProofless(place: Place): void {
  if (!isMapping(place.value) || place.get('read').value === undefined) return;
  if (['that', 'same'].some((key) => place.get(key).value !== undefined)) return;
  if (place.get('gone').value === true) return;
  place.report({
    code: 'SB150',
    message: 'the outcome proves nothing: it has neither `that` nor `same`',
    help: 'say what must hold of the record (`that: result.manager != ""`) or which fields must be there (`same: [name]`)',
    at: 'key',
  });
}

/** Reports a target that could not know whom to call, or what to call it by; and a callback that would prove nothing. */
function reportUncalled(place: Place, request: CompiledRequest): void {
  const callback = place.get('callback');
  const tells = (name: string) => expressionsOf(request).some((source) => source.includes(`outcome.${name}`));
  const byLink = callback.get('from').value === undefined;
  if (isMapping(callback.value) && byLink && !tells('url')) {
    callback.report({
      code: 'SB150',
      message: 'the target is not told where to call back',
      help: 'hand it the address in the body, `callback_url: outcome.url`; or name the source that its callbacks prove themselves as, `from: …`',
      at: 'key',
    });
  }
  if (!byLink && callback.get('key').value === undefined && !tells('key')) {
    callback.report({
      code: 'SB150',
      message: 'no callback could name this handoff: its key is not handed over',
      help: 'put it into the body, `reference: outcome.key`; or say what the target names it by, `key: response.id`',
      at: 'key',
    });
  }
  if (ofRecords.every((key) => place.get(key).value === undefined)) {
    place.report({
      code: 'SB150',
      message: 'the outcome proves nothing: any callback would do',
      help: 'say what it must say: `that: result.status == "done"`, or `same: [name]`',
      at: 'key',
    });
  }
}

function expressionsOf({ parameters, body }: CompiledRequest): string[] {
  return [...parameters.map(({ value }) => value.source), ...(body === null ? [] : leavesOf(body))];
}

function leavesOf(template: BodyTemplate): string[] {
  switch (template.kind) {
    case 'expression':
      return [template.value.source];
    case 'object':
      return template.entries.flatMap(([, part]) => leavesOf(part));
    case 'array':
      return template.items.flatMap(leavesOf);
  }
}

function compileCallback(
  place: Place,
  scopes: Scopes,
  sent: unknown,
  response: unknown,
  { directory }: World,
): CompiledCallback {
  const from = place.get('from');
  const source = from.text();
  if (source !== '' && directory !== null && !directory.sources.has(source)) {
    const near = suggest(source, directory.sources);
    from.report({
      code: 'SB121',
      message: `there is no source \`${source}\`${near === null ? '' : `, did you mean \`${near}\`?`}`,
      help: `callbacks prove themselves as a source does: ${listed('', directory.sources)}`,
    });
  }
  for (const key of ['match', 'key']) {
    if (source !== '' || place.get(key).value === undefined) continue;
    misfit(
      place.get(key),
      `\`${key}\` has no meaning without \`from\``,
      'a link names its handoff by itself: take it out, or add `from: …`',
    );
  }
  if (source !== '' && place.get('match').value === undefined) {
    place.report({
      code: 'SB111',
      message: '`match` is missing',
      help: 'say what in the callback names the handoff: `match: result.reference`',
      at: 'key',
    });
  }
  return {
    from: source === '' ? null : source,
    match: optionalExpressionAt(place.get('match'), scopes.callback, json),
    key:
      place.get('key').value === undefined
        ? null
        : expressionAt(place.get('key'), scopes.read(sent, response), json).expression,
  };
}

function compileConfirm(
  place: Place,
  withinMs: number,
  { directory }: World,
): Pick<ConfirmPlan, 'by' | 'checklist' | 'remindMs'> {
  return {
    by: referenceAt(place.get('by'), directory),
    checklist: textsAt(place.get('checklist')),
    remindMs: remindMsAt(place.get('remind'), withinMs),
  };
}
