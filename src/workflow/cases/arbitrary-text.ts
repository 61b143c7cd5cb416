import fc from 'fast-check';

type Schema = Readonly<Record<string, unknown>>;
type Arbitrary = fc.Arbitrary<unknown>;

/** Texts and numbers that a workflow's expressions compare with: near them its decisions turn. */
export interface Literals {
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
}

/** Formats whose texts are made as such; of another format, or none, are plain texts. */
const formats: Readonly<Record<string, () => fc.Arbitrary<string>>> = {
  email: () => fc.emailAddress(),
  'idn-email': () => fc.emailAddress(),
  uri: address,
  url: address,
  iri: address,
  'uri-reference': address,
  'iri-reference': address,
  'uri-template': address,
  uuid: () => fc.uuid(),
  hostname: () => fc.domain(),
  'idn-hostname': () => fc.domain(),
  ipv4: () => fc.ipV4(),
  ipv6: () => fc.ipV6(),
  'date-time': instant,
  'iso-date-time': instant,
  date: () => instant().map((text) => text.slice(0, 10)),
  time: () => instant().map((text) => text.slice(11)),
  'iso-time': () => instant().map((text) => text.slice(11)),
  duration: () => fc.integer({ min: 1, max: 999 }).map((days) => `P${days}D`),
  'json-pointer': () => fc.constantFrom('', '/a', '/a/0'),
  'relative-json-pointer': () => fc.constantFrom('0', '1/a'),
  regex: () => fc.constantFrom('a', '^b+$'),
  byte: () => fc.base64String({ maxLength: 40 }),
};

/** Addresses are many in some payloads, and costly to make by their grammar. */
function address(): fc.Arbitrary<string> {
  return fc.nat().map((number) => `https://example.com/${number}`);
}

/** From 1970 to 2099: what comes in by a webhook is of our time. */
function instant(): fc.Arbitrary<string> {
  const last = Date.UTC(2099, 11, 31);
  return fc.integer({ min: 0, max: last }).map((ms) => new Date(ms).toISOString());
}

/** Any characters, up to this length; longer texts are of one letter, which is enough to find out who minds. */
const longest = 60;
const longestOfOne = 2_000;

/** Texts of a schema: by its format, by its pattern, or plain, among them those that expressions compare with. */
export function textOf(part: Schema, { texts }: Literals): Arbitrary {
  const minLength = Number(part.minLength ?? 0);
  const most = Number(part.maxLength ?? Number.POSITIVE_INFINITY);
  const maxLength = Math.max(minLength, Math.min(most, longest));
  const made = Object.entries(formats).find(([name]) => name === part.format)?.[1];
  if (made !== undefined) return made();
  if (typeof part.pattern === 'string') {
    const matching = matchingTexts(part.pattern, maxLength);
    if (matching !== null) return matching;
  }
  const long = fc.integer({ min: minLength, max: Math.max(minLength, Math.min(most, longestOfOne)) });
  const plain = fc.oneof(
    fc.string({ minLength, maxLength }),
    fc.string({ unit: 'grapheme', minLength, maxLength }),
    long.map((length) => 'a'.repeat(length)),
  );
  const near = texts.filter((text) => text.length >= minLength && text.length <= maxLength);
  if (near.length === 0) return plain;
  const word = fc.constantFrom(...near);
  const longer = fc
    .tuple(word, fc.string({ maxLength: 8 }))
    .map(([start, end]) => `${start}${end}`.slice(0, maxLength));
  return fc.oneof(plain, word, longer);
}

/** Null where the pattern is more than fast-check can make texts of. */
function matchingTexts(pattern: string, maxLength: number): Arbitrary | null {
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'), { maxLength });
  } catch {
    return null;
  }
}
