import { isTimeZone } from '../outcome/moment.ts';
import { pathSegments } from '../outcome/path.ts';
import type { BlankForm, SameField, SameKind } from '../outcome/same.ts';
import { isMapping, type Place } from './place.ts';
import { formatAt, type SaidOf, saidAt } from './schema-path.ts';
import { suggest } from './suggest.ts';
import type { BodyTemplate, CompiledRequest } from './workflow.ts';

/** The `same:` of an outcome. `result`: the schema of the record. What a field does not say itself, the schemas say. */
export function compileSame(place: Place, request: CompiledRequest, result: unknown): SameField[] {
  return place.elements().map((element) => {
    const sent = sentPlace(element);
    if (sent.text() !== '') reportUnsent(sent, request);
    const field = { sent: sent.text(), found: element.get('found').text() || sent.text() };
    const stated = element.get('as').value as SameKind | undefined;
    const said = {
      sent: saidAt(request.requestContract?.schema ?? true, pathSegments(field.sent)),
      found: saidAt(result, pathSegments(field.found)),
    };
    const as = stated ?? inferred(said.sent, said.found);
    return { ...field, as, ...waysOf(element, as) };
  });
}

/** Where a field says what was sent. */
export function sentPlace(element: Place): Place {
  return isMapping(element.value) ? element.get('sent') : element;
}

/** What two schemas say of how their values compare. A change of case is never lawful by itself. Pure. */
function inferred(sent: SaidOf, found: SaidOf): SameKind {
  const format = formatAt(found) ?? formatAt(sent);
  if (format === 'date-time') return 'time';
  if (format === 'date') return 'date';
  const isNumber = sent.type === 'number' && (found.type === 'number' || found.type === 'string');
  if (isNumber || (sent.type === null && found.type === 'number')) return 'number';
  return found.type === 'string' && sent.type === 'string' ? 'text' : 'exact';
}

function waysOf(element: Place, as: SameKind): Partial<SameField> {
  const only = (key: string, kinds: readonly SameKind[]) => {
    const part = element.get(key);
    if (part.value === undefined || kinds.includes(as)) return part;
    part.report({
      code: 'SB116',
      message: `\`${key}\` has no meaning with \`as: ${as}\``,
      help: `it is for ${kinds.map((kind) => `\`as: ${kind}\``).join(' and ')}`,
      at: 'key',
    });
    return part;
  };
  const shift = only('shift', ['number']).value;
  const epoch = only('epoch', ['time', 'date']).text();
  const zone = only('zone', ['time', 'date']);
  if (zone.text() !== '' && !isTimeZone(zone.text())) {
    zone.report({
      code: 'SB113',
      message: `there is no time zone \`${zone.text()}\``,
      help: 'write its name in the IANA database: `Europe/Berlin`, `America/New_York`, `UTC`',
    });
  }
  const blank = element
    .get('blank')
    .elements()
    .map((each) => each.text() as BlankForm);
  return {
    ...(element.get('set').value === true && { set: true }),
    ...(typeof shift === 'number' && { shift }),
    ...((epoch === 's' || epoch === 'ms') && { epoch }),
    ...(zone.text() !== '' && isTimeZone(zone.text()) && { zone: zone.text() }),
    ...(blank.length > 0 && { blank }),
  };
}

/** Fields that are compared must have been sent. */
function reportUnsent(place: Place, { body }: CompiledRequest): void {
  const path = place.text();
  const known = body?.kind === 'object' && body.entries.some(([name]) => name === path);
  const missing = known ? null : missingIn(body, pathSegments(path));
  if (missing === null) return;
  const near = suggest(missing.name, missing.known);
  place.report({
    code: 'SB113',
    message: `the body has no field \`${path}\`${near === null ? '' : `, did you mean \`${[...missing.before, near].join('.')}\`?`}`,
    help: 'what was sent is compared with what is there: name fields of `body`',
  });
}

interface Missing {
  readonly before: readonly string[];
  readonly name: string;
  readonly known: readonly string[];
}

/** The first step of a path that a body does not have; null where it has all, or only its values can tell. */
function missingIn(
  body: BodyTemplate | null,
  path: readonly string[],
  before: readonly string[] = [],
): Missing | null {
  const [name, ...rest] = path;
  if (body?.kind === 'expression' || name === undefined) return null;
  if (body?.kind === 'array') {
    const items = name === '*' ? body.items : body.items.slice(Number(name), Number(name) + 1);
    if (items.length === 0) return { before, name, known: [] };
    return (
      items.map((item) => missingIn(item, rest, [...before, name])).find((each) => each !== null) ?? null
    );
  }
  const entries = body?.entries ?? [];
  const found = entries.find(([each]) => each === name);
  if (found === undefined) return { before, name, known: entries.map(([each]) => each) };
  return missingIn(found[1], rest, [...before, name]);
}
