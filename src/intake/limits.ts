/** Bounds of signed tokens, and of keys that are fetched; part of `limits`. Times in ms. */
export const keyLimits = {
  /** A signed token in a header, a query, or a field; one that is the whole body may be as long as that. */
  jwtCharsMax: 16_384,
  /** Values that a claim or field may have. */
  expectedValuesMax: 50,
  /** The name of a key (`kid`), and keys of one set that are believed. */
  keyNameCharsMax: 200,
  keySetKeysMax: 100,
  /** Key sets, keys and certificates that one node keeps. */
  fetchedKeysMax: 500,
  /** One fetch of keys or of a certificate; those under way at once on one node, and those of one source in a minute. */
  keyFetchMs: 4_000,
  keyFetchesInFlightMax: 20,
  keyFetchesPerMinute: 12,
  /** Keys are fetched anew after this, and for a name that is not among them, but never sooner than the gap after the last fetch. */
  keysFreshMs: 600_000,
  keysGapMs: 5_000,
  /** While their address does not answer, keys are believed for this long after they were fetched. */
  keysKeptMs: 86_400_000,
  /** Addresses that handshakes visit, at once on one node. */
  visitsInFlightMax: 10,
} as const;
