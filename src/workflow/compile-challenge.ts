import { type Challenge, challengeOf } from '../intake/challenge.ts';
import { challengePresets, isChallengeName } from '../intake/presets.ts';
import { overridden } from '../intake/schemes.ts';
import { parseTemplate } from '../intake/template.ts';
import { type ChallengeText, challengeKeys } from './challenge-schema.ts';
import { checkHost } from './compile-keys.ts';
import { partsAt, secretKeys, secretsAt } from './compile-verify.ts';
import { misfit, reportAbsent, reportPlaces } from './misfit.ts';
import type { Place } from './place.ts';
import type { SecretRef, Verify } from './project.ts';

/** The `challenge:` section of a source, and its secrets: its own, or else those of `verify`. */
export function compileChallenge(
  place: Place,
  verify: Verify | null,
): { readonly challenge: Challenge; readonly secrets: readonly SecretRef[] } | null {
  if (place.value === undefined) return null;
  const name = place.get('scheme').text();
  const own = partsAt(place, challengeKeys);
  const preset = isChallengeName(name) ? challengePresets[name] : {};
  const written = {
    ...overridden(preset, own),
    ...(own.json !== undefined && { json: own.json }),
  } as ChallengeText;
  for (const when of place.get('when').elements()) reportPlaces(when, when.value);
  reportPlaces(place.get('token'), written.token);
  checkVisit(place.get('visit'), written);
  const signature = place.get('signature').get('signs');
  const headers = place.get('headers');
  for (const template of [place.get('text'), signature, ...textsIn(headers), ...textsIn(place.get('json'))]) {
    const parsed = parseTemplate(template.text());
    if ('problem' in parsed)
      misfit(
        template,
        parsed.problem,
        'docs/reference/signatures.md lists what can stand in braces',
        'value',
      );
  }
  for (const [header, part] of headers.entries()) {
    if (!httpHeaders.test(header)) continue;
    misfit(part, `the header \`${header}\` is not for handshakes to write`, 'leave it out', 'key');
  }
  if (name === 'custom' && written.when === undefined && (written.method ?? 'POST') === 'POST') {
    reportAbsent(
      place,
      'when',
      name,
      'by what it is known from a trigger, such as `[{ field: /type, equals: ping }]`',
    );
  }
  if (own.text !== undefined && own.json !== undefined)
    misfit(place.get('json'), '`text` and `json` stand side by side', 'it has one answer: leave one of them');
  const has = secretKeys.some((key) => place.get(key).value !== undefined);
  const inherited = verify === null || verify.scheme === 'none' ? [] : verify.secrets;
  if (!has && written.token !== undefined)
    reportAbsent(place, 'secret', name, 'the token that was agreed: `{ env: NAME }`');
  else if (!has && written.signature !== undefined && inherited.length === 0)
    reportAbsent(place, 'secret', name, 'the key that its answer is signed with: `{ env: NAME }`');
  const challenge = challengeOf(written);
  return { challenge, secrets: has ? secretsAt(place, name) : inherited };
}

/** Headers that say how an answer is to be read, kept or followed. */
const httpHeaders =
  /^(content-.*|access-control-.*|set-cookie|location|refresh|connection|transfer-encoding|date|server|link|x-content-type-options|x-frame-options|strict-transport-security)$/i;

/** Whoever may ask for a visit anywhere would use us to look into networks. */
function checkVisit(place: Place, { visit, signed, method = 'POST' }: ChallengeText): void {
  if (visit === undefined) return;
  reportPlaces(place, visit);
  if (!(signed ?? method === 'POST')) {
    misfit(
      place,
      'who is not known to be the sender sends us nowhere',
      'a handshake with `visit` is `signed: true`',
    );
  }
  if (visit.host === undefined)
    misfit(place, '`visit` does not say which hosts', 'add `host`: a regular expression for the whole name');
  else checkHost(place.get('host'), visit.host);
}

function textsIn(place: Place): Place[] {
  if (typeof place.value === 'string') return [place];
  return [...place.elements(), ...place.entries().map(([, part]) => part)].flatMap(textsIn);
}
