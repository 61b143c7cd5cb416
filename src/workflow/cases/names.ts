import { undoName } from '../../handoff/undo/undo.ts';
import { isMapping, type Place } from '../place.ts';
import type { Project } from '../project.ts';
import { suggest } from '../suggest.ts';
import type { CompiledWorkflow } from '../workflow.ts';
import { parseMoment } from './moment.ts';
import { stepKinds } from './schema.ts';

/** Reports the names in a case that nothing could ever have, so that no `not` holds for a misspelling. */
export function checkClaims(place: Place, workflow: CompiledWorkflow, project: Project): void {
  const known = namesOf(workflow, project);
  checkReference(place.get('reroute'), known);
  for (const claim of ['expect', 'not']) checkExpectation(place.get(claim), known);
  for (const step of place.get('then').elements()) {
    checkStep(step, known);
    for (const claim of ['expect', 'not']) checkExpectation(step.get(claim), known);
  }
}

interface Names {
  readonly refs: readonly string[];
  readonly handoffs: readonly string[];
  readonly checks: readonly string[];
  readonly fields: readonly string[];
}

function namesOf({ handoffs, checks, fields }: CompiledWorkflow, { people, teams }: Project): Names {
  return {
    refs: [
      ...[...people.keys()].map((key) => `person:${key}`),
      ...[...teams.keys()].map((key) => `team:${key}`),
    ],
    handoffs: handoffs.flatMap(({ id, undo }) => (undo === undefined ? [id] : [id, undoName(id)])),
    checks: checks.map(({ id }) => id),
    fields: fields.map(({ name }) => name),
  };
}

function checkExpectation(place: Place, known: Names): void {
  for (const key of ['owner', 'alternate', 'route']) checkReference(place.get(key), known);
  checkMoment(place.get('due'));
  for (const [name, field] of place.get('ticket').entries())
    checkName(field, 'ticket field', name, known.fields);
  const exception = place.get('exception');
  for (const key of ['owner', 'alternate', 'responsible']) checkReference(exception.get(key), known);
  for (const each of exception.get('escalate').elements()) checkReference(each, known);
  for (const each of exception.get('checks').elements()) checkName(each, 'check', each.text(), known.checks);
  checkHandoff(exception.get('handoff'), known);
  for (const key of ['claim_by', 'resolve_by']) checkMoment(exception.get(key));
  const handoffs = place.get('handoffs');
  for (const each of handoffs.elements()) checkHandoff(each, known);
  for (const [id, handoff] of handoffs.entries()) {
    checkName(handoff, 'handoff', id, known.handoffs);
    checkMoment(handoff.get('due'));
    checkMoment(handoff.get('approval').get('due'));
    checkReference(handoff.get('approval').get('by'), known);
    for (const each of handoff.get('after').elements()) checkHandoff(each, known);
  }
}

function checkStep(step: Place, known: Names): void {
  const given = stepKinds.filter((kind) => step.get(kind).value !== undefined);
  if (given.length > 1) {
    step.get(given[1] ?? '').report({
      code: 'SB183',
      message: `\`${given.join('` and `')}\` stand in one step`,
      help: 'one thing happens at a time: write them as two steps, in their order',
      at: 'key',
    });
  }
  for (const kind of stepKinds.filter((each) => each !== 'wait' && each !== 'discard')) {
    const at = step.get(kind);
    checkReference(at.get('by'), known);
    if (!isMapping(at.value)) continue;
    if (at.get('handoff').value !== undefined) checkHandoff(at.get('handoff'), known);
    else if (known.handoffs.length !== 1) {
      at.report({
        code: 'SB183',
        message:
          known.handoffs.length === 0
            ? 'the workflow has no handoffs'
            : `which handoff does \`${kind}\` mean?`,
        help:
          known.handoffs.length === 0 ? 'take the step out' : `name it: \`handoff: ${known.handoffs[0]}\``,
      });
    }
  }
}

function checkReference(place: Place, { refs }: Names): void {
  const text = place.text();
  if (text === '' || text === 'none' || refs.includes(text)) return;
  const meant = suggest(text, refs);
  place.report({
    code: 'SB120',
    message: `there is no \`${text}\` in signalbox.yaml`,
    help: meant === null ? `known are: ${refs.join(', ')}` : `did you mean \`${meant}\`?`,
  });
}

function checkHandoff(place: Place, { handoffs }: Names): void {
  if (place.text() !== '') checkName(place, 'handoff', place.text(), handoffs);
}

function checkName(place: Place, noun: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  const meant = suggest(name, known);
  const list = known.length === 0 ? `it has no ${noun}` : `it has: ${known.join(', ')}`;
  place.report({
    code: 'SB182',
    message: `the workflow has no ${noun} \`${name}\``,
    help: meant === null ? list : `did you mean \`${meant}\`?`,
    at: place.text() === name ? 'value' : 'key',
  });
}

function checkMoment(place: Place): void {
  const text = place.text();
  if (text === '' || parseMoment(text) !== null) return;
  place.report({
    code: 'SB114',
    message: `\`${text}\` is no deadline`,
    help: 'write how long after the clock of the case, `15m`, or the instant, `2026-03-02T09:15:00Z`',
  });
}
