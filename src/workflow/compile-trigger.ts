import { posix } from 'node:path';
import type { Contract } from '../contract/contract.ts';
import { compileContract } from '../contract/schema.ts';
import { expressionAt, identity } from './compile-expression.ts';
import { defaults, durationAt, listed } from './compile-parts.ts';
import { projectPath, splitPointer } from './documents.ts';
import type { Place } from './place.ts';
import { triggerScope } from './scopes.ts';
import { suggest } from './suggest.ts';
import type { CompiledTrigger } from './workflow.ts';
import type { World } from './world.ts';

/** The `trigger:` section of the workflow file at `file`. */
export function compileTrigger(place: Place, file: string, world: World): CompiledTrigger {
  reportSource(place.get('source'), world);
  const contract = contractAt(place.get('contract'), file, world);
  const identityPlace = place.get('identity');
  return {
    source: place.get('source').text(),
    contract,
    identity:
      identityPlace.value === undefined
        ? null
        : expressionAt(identityPlace, triggerScope(contract.schema), identity).expression,
    duplicates: { withinMs: durationAt(place.get('duplicates').get('within'), defaults.duplicatesMs) },
    onInvalid: place.get('on_invalid').value === 'reject' ? 'reject' : 'exception',
    expectEveryMs: durationAt(place.get('expect').get('every')) || null,
  };
}

function reportSource(place: Place, { directory }: World): void {
  const key = place.text();
  if (directory === null || key === '' || directory.sources.has(key)) return;
  const near = suggest(key, directory.sources.keys());
  place.report({
    code: 'SB121',
    message: `there is no source \`${key}\`${near === null ? '' : `, did you mean \`${near}\`?`}`,
    help: `sources stand in signalbox.yaml: ${listed('', directory.sources.keys())}`,
  });
}

const anything: Contract = { name: '', schema: true, validate: () => [] };

function contractAt(place: Place, file: string, { documents }: World): Contract {
  const { path: written, pointer } = splitPointer(place.text());
  const unusable = (message: string, help: string): Contract => {
    place.report({ code: 'SB130', message, help });
    return anything;
  };
  if (place.text() === '') return anything;
  const path = projectPath(file, written);
  if (path === null) {
    return unusable(
      'this is not a path in the project folder',
      `write it relative to ${posix.dirname(file)}/: \`../contracts/lead.schema.json\``,
    );
  }
  const document = documents.read(path);
  if ('problem' in document) {
    return unusable(
      `the contract ${path} cannot be used: ${document.problem}`,
      'payloads are checked against it before anything else: correct the path or the file',
    );
  }
  const compiled = compileContract(pointer === '' ? path : `${path}#${pointer}`, document.value, pointer);
  return 'contract' in compiled
    ? compiled.contract
    : unusable(`the contract ${path} cannot be used: ${compiled.problem}`, 'correct the schema, or what follows `#`');
}
