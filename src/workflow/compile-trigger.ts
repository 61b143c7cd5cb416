import { posix } from 'node:path';
import type { Contract } from '../contract/contract.ts';
import { ContractError } from '../contract/contract-error.ts';
import { payloadSchema } from '../contract/fragment.ts';
import { compileContract } from '../contract/schema.ts';
import { identity, list, optionalExpressionAt, version } from './compile-expression.ts';
import { defaults, durationAt, listed } from './compile-parts.ts';
import { projectPath, splitFragment } from './documents.ts';
import type { Place } from './place.ts';
import { triggerScope } from './scopes.ts';
import { suggest } from './suggest.ts';
import type { CompiledTrigger, Duplicates } from './workflow.ts';
import type { World } from './world.ts';

/** The `trigger:` section of the workflow file at `file`. */
export function compileTrigger(place: Place, file: string, world: World): CompiledTrigger {
  reportSource(place.get('source'), world);
  const contract = contractAt(place.get('contract'), file, world);
  return {
    source: place.get('source').text(),
    contract,
    split: optionalExpressionAt(place.get('split'), triggerScope(true), list),
    jsonField: place.get('json_field').text() || null,
    identity: optionalExpressionAt(place.get('identity'), triggerScope(contract.schema), identity),
    duplicates: compileDuplicates(place.get('duplicates'), contract.schema),
    onInvalid: place.get('on_invalid').value === 'reject' ? 'reject' : 'exception',
    expectEveryMs: durationAt(place.get('expect').get('every')) || null,
    falseAlarmEveryMs: falseAlarmEvery(place.get('expect')),
  };
}

/** Reports an expectation that says neither, or both. */
function falseAlarmEvery(place: Place): number | null {
  const [fixed, learned] = [place.get('every').value, place.get('false_alarm_every').value];
  if (place.value !== undefined && (fixed === undefined) === (learned === undefined)) {
    place.report({
      code: fixed === undefined ? 'SB111' : 'SB116',
      message:
        fixed === undefined
          ? '`every` is missing'
          : 'a silence is measured by `every` or by `false_alarm_every`',
      help: 'write `every: 4h` for a fixed time, or `false_alarm_every: 30d` for what the source itself is used to',
    });
  }
  return durationAt(place.get('false_alarm_every')) || null;
}

function compileDuplicates(place: Place, payload: unknown): Duplicates {
  const written = place.get('other_content').value;
  const otherContent = written === 'update' || written === 'newest' ? written : 'exception';
  const versionPlace = place.get('version');
  const stated = versionPlace.value !== undefined;
  if (stated !== (otherContent === 'newest')) {
    (stated ? versionPlace : place.get('other_content')).report({
      code: 'SB116',
      message: stated
        ? `\`version\` says which content is newer, and with \`other_content: ${otherContent}\` nobody asks`
        : '`other_content: newest` needs `version`',
      help: stated
        ? 'write `other_content: newest`, or remove `version`'
        : 'say what tells newer content from older: `version: payload.updated_at`',
    });
  }
  return {
    withinMs: durationAt(place.get('within'), defaults.duplicatesMs),
    otherContent,
    version: optionalExpressionAt(versionPlace, triggerScope(payload), version),
  };
}

function reportSource(place: Place, { directory }: World): void {
  const key = place.text();
  if (directory === null || key === '' || directory.sources.has(key)) return;
  const near = suggest(key, directory.sources);
  place.report({
    code: 'SB121',
    message: `there is no source \`${key}\`${near === null ? '' : `, did you mean \`${near}\`?`}`,
    help: `sources stand in signalbox.yaml: ${listed('', directory.sources)}`,
  });
}

/** Stands where the contract cannot be used, so that the rest is still checked. */
const anything: Contract = { name: '', schema: true, validate: () => [] };

function contractAt(place: Place, file: string, { documents }: World): Contract {
  if (place.text() === '') return anything;
  const { path: written, fragment } = splitFragment(place.text());
  const path = projectPath(file, written);
  if (path === null) {
    place.report({
      code: 'SB130',
      message: 'this is not a path in the project folder',
      help: `write it relative to ${posix.dirname(file)}/: \`../contracts/lead.schema.json\``,
    });
    return anything;
  }
  const document = documents.read(path);
  if ('problem' in document) {
    place.report({
      code: 'SB130',
      message: `the contract ${path} cannot be used: ${document.problem}`,
      help: 'payloads are checked against it before anything else: correct the path, or the file',
    });
    return anything;
  }
  return contractOf(place, document.value, path, fragment);
}

function contractOf(place: Place, document: unknown, path: string, fragment: string): Contract {
  try {
    const name = fragment === '' ? path : `${path}#${fragment}`;
    const contract = compileContract({ document, ...payloadSchema(document, fragment), name });
    for (const warning of contract.warnings ?? []) {
      place.report({
        code: 'SB132',
        message: `${path}: ${warning}`,
        help: 'payloads are checked against it all the same; simplify it where you can',
        severity: 'warning',
      });
    }
    return contract;
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    const where = error.pointer === '' ? '' : ` (at ${error.pointer})`;
    place.report({
      code: 'SB130',
      message: `the contract ${path} cannot be used: ${error.message}${where}`,
      help: 'correct the schema, or what follows `#`: `#/components/schemas/Lead`, `#operation=createLead`, `#webhook=lead-created`',
    });
    return anything;
  }
}
