import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { TextFormat } from './shape.ts';

/** The formats that a text has, as the contract's validator judges them. Texts over 2,000 characters have none. */
export function formatsOf(text: string): TextFormat[] {
  if (text.length === 0 || text.length > formatCharsMax) return [];
  return (Object.keys(tests) as TextFormat[]).filter((format) => tests[format](text));
}

const formatCharsMax = 2_000;

/** The cheap look comes first: most texts are none of these. */
const tests: Readonly<Record<TextFormat, (text: string) => boolean>> = {
  'date-time': (text) => digitFirst.test(text) && text.length >= 20 && valid('date-time', text),
  date: (text) => text.length === 10 && valid('date', text),
  time: (text) => digitFirst.test(text) && text[2] === ':' && valid('time', text),
  email: (text) => text.includes('@') && text.length <= 320 && valid('email', text),
  // Without `//` a good deal of prose with a colon in it would be one.
  uri: (text) => text.includes('://') && valid('uri', text),
  uuid: (text) => text.length === 36 && valid('uuid', text),
  ipv4: (text) => text.length <= 15 && valid('ipv4', text),
  ipv6: (text) => text.length <= 45 && text.includes(':') && valid('ipv6', text),
  duration: (text) => text.startsWith('P') && text.length <= 40 && valid('duration', text),
  hex: (text) => text.length >= 16 && /^[0-9a-f]+$/.test(text),
  digits: (text) => /^[0-9]+$/.test(text),
};

const digitFirst = /^\d/;

function valid(format: keyof typeof fullFormats, text: string): boolean {
  const definition: unknown = fullFormats[format];
  if (definition instanceof RegExp) return definition.test(text);
  if (typeof definition === 'function') return definition(text) === true;
  const { validate } = definition as { validate: ((text: string) => boolean) | RegExp };
  return validate instanceof RegExp ? validate.test(text) : validate(text);
}

/**
 * Whether a key of an object is data and no name: an id, an address, a date, a number.
 * Such keys are never repeated, and what stands under them is looked at together.
 */
export function isDataKey(key: string): boolean {
  return key.length > keyCharsMax || /[\s@]|:\/\//.test(key) || /^\d/.test(key) || looksRandom(key);
}

const keyCharsMax = 80;

/**
 * Whether a text is a label of a program (`in_progress`, `EUR`, `checkout.session.completed`), so that it may be listed
 * in a contract; what a person wrote, who a person is, and what opens a door is not.
 */
export function isLabel(text: string): boolean {
  return (
    /^[A-Za-z][A-Za-z0-9_.:/+-]*$/.test(text) &&
    text.length <= 60 &&
    !text.includes('://') &&
    !looksRandom(text)
  );
}

/** Ids and tokens: long runs that mix digits and letters, or a long tail of digits. */
function looksRandom(text: string): boolean {
  if (/\d{5}/.test(text) || (/^[0-9a-f]{8,}$/i.test(text) && /\d/.test(text))) return true;
  return text.split(/[_.:/-]/).some((part) => part.length >= 10 && /\d/.test(part) && /[a-z]/i.test(part));
}

/** Whether a field, by its name, tells of a person or holds a secret or free text: its values are never listed. */
export function isPrivateName(name: string): boolean {
  return privateNames.test(name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase());
}

const privateNames =
  /(^|[_\W])(name|first|last|full_?name|user|username|login|e?mail|phone|mobile|address|street|city|zip|postcode|postal|owner|author|assignee|sender|creator|contact|customer|person|member|by|from|to|title|subject|description|summary|message|text|body|note|notes|comment|content|token|secret|password|passwd|key|hash|signature|sha|ref|branch|tag|url|uri|link|path|file|filename|id|ids|uid|gid|guid|uuid|iban|account|company|organi[sz]ation)s?($|[_\W])/;

/** Whether a field, by its name, holds what opens a door or an account: the contract hides it (`x-redact`). */
export function isSecretName(name: string): boolean {
  return /(^|[_\W])(token|secret|password|passwd|passcode|credentials?|api_?key|access_?key|private_?key|authorization|iban|cvc|cvv|ssn)($|[_\W])/.test(
    name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase(),
  );
}
