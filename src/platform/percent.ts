/**
 * A text with all but unreserved characters (RFC 3986: letters, digits, `-._~`) as percent-encoded UTF-8; a lone surrogate is U+FFFD.
 * `encodeURIComponent` leaves `!'()*`, which are reserved: strict servers refuse them. Pure.
 */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
