/**
 * Replaces personal texts by others of the same shape: the same words by the same words, so that what was equal stays
 * equal; letters by letters and digits by digits, so that lengths stay. What stands in for a word depends on nothing
 * but the order in which words came, so that nobody can find the word again by trying. Deterministic.
 */
export function pseudonyms(): (text: string) => string {
  const words = new Map<string, string>();
  const standIn = (word: string, make: (ordinal: number) => string): string => {
    const key = word.toLowerCase();
    const known = words.get(key) ?? make(words.size + 1);
    words.set(key, known);
    return known;
  };
  const word = (text: string) =>
    cased(
      text,
      standIn(text, (ordinal) => letters(text.length, ordinal)),
    );
  const number = (text: string) => standIn(text, (ordinal) => digits(text.length, ordinal));
  const plain = (text: string) =>
    text.replace(/\p{L}[\p{L}\p{M}]*|\p{N}+/gu, (run) => (/^\p{N}/u.test(run) ? number(run) : word(run)));
  return (text) => {
    if (uuid.test(text))
      return standIn(text, (ordinal) => `00000000-0000-4000-8000-${String(ordinal).padStart(12, '0')}`);
    if (date.test(text)) return `${text.slice(0, 4)}-06-15`;
    if (dateTime.test(text)) return text;
    const [, scheme = '', rest = ''] = /^(https?:\/\/|mailto:|tel:)(.*)$/su.exec(text) ?? [];
    // An address of somebody's own domain says who it is, and `.example` is nobody's.
    return (
      scheme +
      (scheme === '' ? text : rest).replace(addressOrText, (whole, local?: string, host?: string) =>
        local === undefined || host === undefined
          ? plain(whole)
          : `${plain(local)}@${plain(host.replace(/\.[^.]*$/, ''))}.example`,
      )
    );
  };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const date = /^\d{4}-\d\d-\d\d$/;
const dateTime = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d/;
const addressOrText = /([^\s@<>"]{1,100})@([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5})|[^\s]+/giu;

const consonants = 'bdfgklmnprstvz';
const vowels = 'aeiou';

/** A word that can be said: `ba`, `dofi`. */
function letters(length: number, ordinal: number): string {
  let state = ordinal * 7919;
  let text = '';
  for (let place = 0; place < length; place += 1) {
    const from = place % 2 === 0 ? consonants : vowels;
    text += from[state % from.length];
    state = (state * 31 + 17) % 1_000_003;
  }
  return text;
}

/** Not beginning with 0, so that it stays a number of as many digits. */
function digits(length: number, ordinal: number): string {
  let state = ordinal * 104_729;
  let text = '';
  for (let place = 0; place < length; place += 1) {
    text += place === 0 ? (state % 9) + 1 : state % 10;
    state = (state * 37 + 11) % 1_000_003;
  }
  return text;
}

/** With the capitals of the original: `Ada`, `CRM`. */
function cased(original: string, word: string): string {
  if (original === original.toUpperCase() && original !== original.toLowerCase()) {
    return word.toUpperCase();
  }
  const [first = ''] = original;
  return first === first.toLowerCase() ? word : word.charAt(0).toUpperCase() + word.slice(1);
}
