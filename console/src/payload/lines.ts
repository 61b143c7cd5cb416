/** A JSON value as lines to be shown, each with its place in the value and what is said of it. Pure. */

export interface Line {
  /** JSON pointer of what stands here. */
  readonly pointer: string;
  readonly depth: number;
  /** The member's name; null in lists and at the top. */
  readonly name: string | null;
  /** `{`, `],`, or a single value as JSON. */
  readonly text: string;
  readonly kind: 'open' | 'close' | 'text' | 'number' | 'word' | 'missing' | 'hidden';
  /** What is wrong here. */
  readonly wrong: readonly string[];
}

export interface Complaint {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

/** `hidden`: pointers of values that are not there to be shown. */
export function linesOf(
  value: unknown,
  complaints: readonly Complaint[],
  hidden: readonly string[] = [],
): Line[] {
  const unseen = new Set(hidden);
  const wrong = Map.groupBy(complaints, ({ path }) => path);
  const lines: Line[] = [];
  walk({ pointer: '', depth: 0, name: null, last: true }, value);
  return lines;

  interface Place {
    readonly pointer: string;
    readonly depth: number;
    readonly name: string | null;
    readonly last: boolean;
  }

  function walk(place: Place, each: unknown): void {
    if (unseen.has(place.pointer)) {
      add(place, '', 'hidden');
      return;
    }
    if (typeof each !== 'object' || each === null) {
      add(place, `${JSON.stringify(each)}${place.last ? '' : ','}`, kindOf(each));
      return;
    }
    const list = Array.isArray(each);
    const members = Object.entries(each);
    const missing = list ? [] : missingIn(place.pointer, each);
    const [opening, closing] = list ? ['[', ']'] : ['{', '}'];
    if (members.length === 0 && missing.length === 0) {
      add(place, `${opening}${closing}${place.last ? '' : ','}`, 'word');
      return;
    }
    add(place, opening, 'open');
    members.forEach(([name, member], index) => {
      const inside = { depth: place.depth + 1, name: list ? null : name, last: index === members.length - 1 };
      walk({ ...inside, pointer: `${place.pointer}/${escaped(name)}` }, member);
    });
    for (const { name, pointer } of missing) {
      add({ pointer, depth: place.depth + 1, name, last: true }, '', 'missing');
    }
    const { depth, pointer } = place;
    lines.push({
      pointer,
      depth,
      name: null,
      text: `${closing}${place.last ? '' : ','}`,
      kind: 'close',
      wrong: [],
    });
  }

  function add({ pointer, depth, name }: Place, text: string, kind: Line['kind']): void {
    const messages = (wrong.get(pointer) ?? []).map(({ message }) => message);
    lines.push({ pointer, depth, name, text, kind, wrong: messages });
  }

  /** Members that a complaint names and that are not there. */
  function missingIn(pointer: string, object: object) {
    return [...wrong.keys()].flatMap((path) => {
      const at = path.lastIndexOf('/');
      if (at === -1 || path.slice(0, at) !== pointer) return [];
      const name = unescaped(path.slice(at + 1));
      return Object.hasOwn(object, name) ? [] : [{ name, pointer: path }];
    });
  }
}

function kindOf(value: unknown): Line['kind'] {
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'number' : 'word';
}

export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function unescaped(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
