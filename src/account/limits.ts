/** Bounds of signing in, and of watching what changes; part of `limits`. Times in ms, sizes in bytes. */
export const accountLimits = {
  /** Changes are told this long after they are noted, and given up when their commit has not shown for so long. */
  changesTellMs: 200,
  changeCommitMs: 30_000,
  /** Changes that could not be told are told again after this. */
  changesRetryMs: 1_000,
  /** Changed tickets that are told one by one; of more, only that there are. What is noted at most meanwhile. */
  changesToldMax: 50,
  changesNotedMax: 1_000,
  /** How often a node that is watched reads what others have told, rows at once, and those that are looked at again. */
  changesReadMs: 500,
  changesReadMax: 500,
  changesOverlap: 50,
  /** How long what was told is kept for who comes again. */
  changesKeptMs: 600_000,
  /** Watchers of one node; what one may leave unread; how often they hear that it is still open; when they come again. */
  streamsMax: 1_000,
  streamBytesMax: 262_144,
  streamBeatMs: 15_000,
  streamRetryMs: 1_000,
  /** A password: the least, and the most that is hashed; hashes under way at once on one node, and those that wait. */
  passwordCharsMin: 12,
  passwordCharsMax: 200,
  passwordHashesMax: 2,
  passwordHashesWaitingMax: 20,
  /** A link or invitation, and what is under way between two steps of a sign-in. */
  linkMs: 86_400_000,
  signInStepMs: 600_000,
  /** Codes that one sign-in may try. */
  codeTriesMax: 5,
  /** A session that is not used, where the project says nothing; and the longest that one lives. */
  sessionIdleMs: 7 * 86_400_000,
  sessionMs: 30 * 86_400_000,
  /** A session's last use is written this often. */
  sessionSeenMs: 60_000,
  /** Sessions, keys and passkeys of one account. */
  sessionsMax: 100,
  apiKeysMax: 100,
  passkeysMax: 20,
  /** The longest life of an API key. */
  apiKeyMs: 366 * 86_400_000,
  /** Failed sign-ins of one name from one address, and of one address with any names, before the next waits; the first wait doubles. */
  signInFailuresFree: 4,
  signInAddressFailuresFree: 20,
  signInWaitFirstMs: 2_000,
  signInWaitMaxMs: 900_000,
  signInAddressWaitMaxMs: 10_000,
  /** Sign-ins by passkey and single sign-on that are begun from one address: a row is written for each before anything is proved. */
  signInBegunPerMinute: 30,
  /** Names and addresses that failures, and addresses that beginnings are remembered of. */
  signInFailuresKept: 10_000,
} as const;
