/** How two values are held against each other. */
export const sameKinds = [
  'exact',
  'text',
  'text-ignoring-case',
  'text-ignoring-space',
  'text-ignoring-case-and-space',
  'number',
  'time',
  'date',
] as const;
export type SameKind = (typeof sameKinds)[number];

/** Forms of nothing that may count as one. */
export const blankForms = ['missing', 'null', 'empty'] as const;
export type BlankForm = (typeof blankForms)[number];

export const epochUnits = ['s', 'ms'] as const;

/** One field that must stand in the target as it was sent. Stored in a handoff's plan. */
export interface SameField {
  /** Where it stands in the body that was sent, and where in the record: `customer.email`, `/customer/email`, `labels.*.name`. */
  readonly sent: string;
  readonly found: string;
  readonly as: SameKind;
  /** A list counts by what is in it: neither order nor repetition matters. */
  readonly set?: true;
  /** What is found is what was sent with its decimal point moved so many places to the right: money in cents is 2. */
  readonly shift?: number;
  /** Numbers are times: seconds or milliseconds since 1970. */
  readonly epoch?: (typeof epochUnits)[number];
  /** The IANA time zone of times that name none. */
  readonly zone?: string;
  /** These count as one: what is not there, null, and an empty text, list or mapping. */
  readonly blank?: readonly BlankForm[];
}

/** A field as a plan holds it: a name alone is compared exactly, under that name. Pure. */
export function sameField(given: string | SameField): SameField {
  return typeof given === 'string' ? { sent: given, found: given, as: 'exact' } : given;
}

/** A field in words: `name`, `due as date, in data.due`. Pure. */
export function sameText(given: string | SameField): string {
  const { sent, found, as, set, shift, epoch, zone, blank } = sameField(given);
  const ways = [
    ...(as === 'exact' ? [] : [as]),
    ...(set ? ['set'] : []),
    ...(shift === undefined ? [] : [`shifted by ${shift}`]),
    ...(epoch === undefined ? [] : [`epoch in ${epoch}`]),
    ...(zone === undefined ? [] : [`in ${zone}`]),
    ...(blank === undefined ? [] : [`${blank.join(', ')} alike`]),
  ];
  const how = ways.length === 0 ? '' : ` as ${ways.join(', ')}`;
  return `${sent}${how}${found === sent ? '' : ` in ${found}`}`;
}
