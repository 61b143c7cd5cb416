import { expectedIs } from '../intake/expected.ts';
import { hasVariable, parseTemplate } from '../intake/template.ts';
import { misfit } from './misfit.ts';
import { isMapping, type Place } from './place.ts';

/**
 * Reports what `claims` or `expect` cannot mean. `all`: what stands here, over what the preset has; an empty list there
 * is a value that only the project knows.
 */
export function checkExpected(
  place: Place,
  all: Readonly<Record<string, unknown>> | undefined,
  verify: Place,
  publicUrl: string | null,
): void {
  for (const [name, value] of Object.entries(all ?? {})) {
    const written = place.get(name);
    const at = written.value === undefined ? verify.get('scheme') : written;
    if (Array.isArray(value) && value.length === 0) {
      at.report({
        code: 'SB111',
        message: `\`${place.name}\` does not say what \`${name}\` must be`,
        help: `add \`${place.name}: { ${name}: … }\` with the value that is yours: without it another customer of the same system could send here`,
      });
      continue;
    }
    if (expectedIs(value) === null) {
      misfit(
        at,
        `what \`${name}\` must be is said in no form that there is`,
        'write a value, a list of values, `{ sha256: "{body}" }` (also `sha512`, with `encoding`) or `{ present: true }`',
        'value',
      );
      continue;
    }
    checkTemplate(written, publicUrl);
  }
}

function checkTemplate(place: Place, publicUrl: string | null): void {
  if (!isMapping(place.value)) return;
  const template = [place.get('sha256'), place.get('sha512')].find(({ value }) => value !== undefined);
  if (template === undefined) return;
  const parsed = parseTemplate(template.text());
  if ('problem' in parsed) {
    misfit(template, parsed.problem, 'docs/reference/signatures.md lists what can stand in braces', 'value');
  } else if (publicUrl === null && hasVariable(parsed.parts, 'url', 'url_decoded', 'path', 'target')) {
    misfit(
      template,
      'the address is in the digest, and nobody has said which one the sender calls',
      'add `public_url` to the source (the whole address), or to `server` (its beginning: `https://hooks.example.com`)',
      'value',
    );
  }
}
