import { placeKeys } from '../intake/place.ts';
import { isMapping, type Place } from './place.ts';

/** What several sections of the project file report: keys that are missing, do not go together, or name no place. */

/** Keys that stand here and belong to another scheme; what is unknown altogether, the schema reports. */
export function reportMisfits(
  place: Place,
  scheme: string,
  allowed: readonly string[],
  known: readonly string[],
): void {
  for (const [key, part] of place.entries()) {
    if (key === 'scheme' || allowed.includes(key) || !known.includes(key)) continue;
    misfit(
      part,
      `\`${key}\` has no meaning with \`scheme: ${scheme}\``,
      allowed.length === 0 ? 'leave it out, or choose a scheme' : `it takes ${allowed.join(', ')}`,
    );
  }
}

export function reportAbsent(place: Place, key: string, scheme: string, what: string): void {
  if (!isMapping(place.value) || place.get(key).value !== undefined) return;
  place.get('scheme').report({
    code: 'SB111',
    message: `\`${key}\` is missing: \`scheme: ${scheme}\` needs it`,
    help: `add \`${key}\`: ${what}`,
  });
}

export function misfit(place: Place, message: string, help: string, at: 'key' | 'value' = 'key'): void {
  place.report({ code: 'SB116', message, help, at });
}

/** Reports a place that is named twice over, or not at all. `all`: what stands here, over what the preset has. */
export function reportPlaces(place: Place, all: unknown, reported = false): void {
  const keys = placeKeys.filter((key) => place.get(key).value !== undefined);
  if (keys.length > 1) {
    const names = keys.map((key) => `\`${key}\``).join(' and ');
    misfit(place, `${names} stand side by side`, 'it stands in one place: leave one of them');
  }
  if (!isMapping(all) || placeCount(all) > 0 || reported) return;
  misfit(
    place,
    `\`${place.name}\` does not say where it stands`,
    'add one of `header`, `query`, `field`, `form`',
  );
}

/** How many places a mapping names. */
export function placeCount(value: unknown): number {
  return isMapping(value) ? placeKeys.filter((key) => value[key] !== undefined).length : 0;
}
