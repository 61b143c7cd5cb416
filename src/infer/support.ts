/**
 * How many payloads must agree before something is stated: a statement that n payloads bear out is broken by the next
 * one with a chance of about 1 in n + 2 (rule of succession), and a contract makes hundreds of statements at once.
 * What every sender keeps to (types) needs little; what chance can feign (that a field is never absent, never null, has
 * only these values) needs more. test/conformance/infer.test.ts measures them on foreign payloads.
 */
export const support = {
  /** A field is always there; and one that says which thing or what kind of thing it is (`id`, `type`). */
  required: 8,
  requiredOfKey: 6,
  /** A value is never null, where it has always been something else. */
  notNull: 6,
  /** Numbers are whole. */
  whole: 10,
  /** All texts have a format, or a pattern. */
  format: 3,
  pattern: 20,
  /** A text has one of a few values, each of them seen `enumEach` times. */
  enum: 20,
  enumEach: 2,
  enumMax: 16,
  /** A text is never empty; lengths and numbers have an order of magnitude. */
  range: 30,
  /** A kind of object has a shape of its own, seen so often, and differs from the others in this part of its fields. */
  variant: 3,
  variantDiffers: 0.25,
  /** Names are data where so many were seen, and none in more than this part of the objects. */
  mapNames: 12,
  mapPresence: 0.34,
} as const;
