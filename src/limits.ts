import { accountLimits } from './account/limits.ts';
import { keyLimits } from './intake/limits.ts';

/** Every bound of Signalbox in one place; each has a test at its edge. Times in ms, sizes in bytes. */
export const limits = {
  /** One inbound body. Larger is answered 413 before it is read to its end. */
  bodyBytesMax: 1_048_576,
  /** What is still read of a body that is too large, so that its sender sees the answer; then the connection ends. */
  bodyDiscardBytesMax: 4 * 1_048_576,
  /** Bytes of all bodies that are coming in at the same time. */
  bodiesBytesMax: 64 * 1_048_576,
  /** Connections of senders at once; one more is closed as soon as it is opened. */
  senderConnectionsMax: 2_000,
  /** From the first byte of a request to the last of its headers, and of its body. */
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  /** How often connections are looked at for those two. */
  timeoutsCheckEveryMs: 2_000,
  /** Fields of a form, parts of a multipart body; and the headers of one part. */
  formFieldsMax: 1_000,
  partHeaderBytesMax: 4_096,
  /** Nesting of objects and arrays in an inbound body. */
  bodyDepthMax: 64,
  /** All header text kept with a trigger. */
  headerBytesMax: 16_384,
  /** How far a signature's time may lie from ours, in either direction. */
  signatureToleranceMs: 300_000,
  /** Signatures in one header: a sender that rotates its secret sends two. */
  signaturesMax: 10,
  /** Headers that a request may list as signed; fields of a body that a scheme does. */
  signedHeadersMax: 50,
  ...keyLimits,
  /** What a handshake's answer takes from its question. */
  challengeCharsMax: 2_000,
  /** An identity after its expression has been evaluated; longer ones are kept as their digest. */
  identityCharsMax: 512,
  /** An Idempotency-Key, how long it is remembered, and how many expired ones are forgotten at once. */
  idempotencyKeyCharsMax: 255,
  idempotencyKeyMs: 86_400_000,
  forgottenRowsMax: 10_000,
  /** A version after its expression has been evaluated; a longer one is none. */
  versionCharsMax: 200,
  /** A source's rate limit: requests (and burst), and the time that they are counted in. */
  rateLimitRequestsMax: 1_000_000,
  rateLimitPerMaxMs: 86_400_000,
  /** Requests that do not prove their source: so many of each are told why and logged; of more, only the number is. */
  strangersPerMinute: 60,
  /** Deliveries of one source that people have checked; one more waits. */
  sourceChecksPerMinute: 30,
  /** Names of headers whose judgement is remembered. */
  headerNamesKept: 1_000,
  /** Triggers waiting for a group commit. A source may hold as many as are still free; its next is answered 503. */
  intakeQueueMax: 5_000,
  /** Bytes of bodies waiting for a group commit. */
  intakeQueueBytesMax: 64 * 1_048_576,
  /** Bytes that a source takes in its turn when a group is made, and what a trigger counts for besides its own bytes. */
  turnBytes: 65_536,
  triggerBytes: 4_096,
  /** From taking a delivery to its answer: then its sender is told 503, and to send it again. */
  intakeAnswerMs: 5_000,
  /** Triggers written by one group commit. */
  groupSizeMax: 500,
  /** Triggers split from one delivery; a delivery is never torn over two groups. */
  triggersPerDeliveryMax: 500,
  /** Bytes of bodies written by one group commit. */
  groupBytesMax: 8 * 1_048_576,
  /** Group commits under way at once. */
  groupsInFlightMax: 3,
  /** Deliveries that a group waits for while others are under way, and how long it does. */
  groupCompanyMin: 4,
  groupCompanyMs: 5,
  /** What a sender is told to wait after a 503. */
  retryAfterSeconds: 2,
  /** One CEL expression's source text. */
  expressionCharsMax: 4_096,
  /** What one evaluation may spend: a step a turn of a loop, a value used in one, or 16 characters of it. */
  expressionStepsMax: 250_000,
  /** A text that an expression puts together. */
  expressionTextCharsMax: 4 * 1_048_576,
  /** What `check` looks into of one workflow before it stays silent: steps, cases of one condition, alternatives of a contract. */
  analysisStepsMax: 500_000,
  analysisCasesMax: 200,
  analysisWorldsMax: 32,
  /** One workflow, project or contract file. */
  fileBytesMax: 16 * 1_048_576,
  /** All files of one project together. */
  projectBytesMax: 64 * 1_048_576,
  /** Any duration in a workflow file: ten years. */
  durationMaxMs: 3_650 * 86_400_000,
  /** Workflow files of one project. */
  workflowsMax: 500,
  /** Files in cases/, the cases of one, and the steps of one case. */
  caseFilesMax: 1_000,
  casesPerFileMax: 20_000,
  caseStepsMax: 100,
  /** Deadlines that pass while a case waits. */
  caseDeadlinesMax: 1_000,
  /** Payloads generated from one contract, and how deep they go. */
  generatedPayloadsMax: 100_000,
  generatedDepthMax: 4,
  /** Values of a recorded payload that are replaced one by one to see what its decision depends on. */
  redactedValuesMax: 5_000,
  /** Differences of two contracts that are listed; those that break come first. */
  differencesMax: 500,
  /** One request with workflows to deploy. */
  deploymentBytesMax: 64 * 1_048_576,
  /** Evaluating all TypeScript workflows of a project, and the plain data that one of them may be. */
  evaluateMs: 20_000,
  moduleDataCharsMax: 1_048_576,
  /** Violations listed for one payload; the rest are counted. */
  violationsMax: 20,
  /** A value with more parts than this is told only its first violation. */
  violationsNodesMax: 20_000,
  /** Handoffs of one workflow. */
  handoffsMax: 20,
  /** One attempt, from connecting to the last byte, where the destination says nothing. */
  attemptTimeoutMs: 10_000,
  /** The longest a destination may be given. */
  attemptTimeoutMaxMs: 600_000,
  /** A destination's answer; a longer one is cut off and the attempt is `unknown`. */
  responseBytesMax: 1_048_576,
  /** Nesting of objects and arrays in it; one that is deeper counts as not being JSON. */
  responseDepthMax: 200,
  /** Connecting to a destination, name lookup and TLS included. */
  connectTimeoutMs: 5_000,
  /** From the request to the status of its answer, and from there to the last byte, where the destination says nothing. */
  headersWaitMs: 10_000,
  bodyWaitMs: 10_000,
  /** Ways of connecting (trust, addresses, wait) whose connections one node keeps. */
  agentsMax: 100,
  /** Tokens of destinations that one node keeps; how long one is good whose life is not said; how long before its end it is fetched anew. */
  tokensMax: 1_000,
  tokenLifetimeMs: 300_000,
  tokenEarlyMs: 30_000,
  /** Connections of one node to one destination at once. */
  connectionsPerDestination: 100,
  /** The part of a destination's answer that is kept with the attempt. */
  responseExcerptChars: 2_000,
  /** Handoffs that one node works on at once; the others wait in the database. */
  handoffsInFlightMax: 1_000,
  /** Handoffs that are claimed, settled or confirmed with one transaction, and such transactions at once, of each kind. */
  handoffGroupMax: 200,
  /** How often a group reads again what has changed under it, before each is settled by itself. */
  settleRounds: 3,
  /** So long an acceptance waits for its record to be read, so that both are one commit. */
  proofWithAcceptanceMs: 500,
  handoffGroupsInFlightMax: 1,
  /** How often due handoffs are looked for when nothing says that there are some, and how close two looks may be. */
  dispatchEveryMs: 500,
  dispatchGapMs: 10,
  /** Where more is due than there is room for, the next look waits for this part of what is under way to end, or so long. */
  dispatchRoomPart: 0.25,
  dispatchBehindMs: 40,
  /** A handoff whose work threw is tried again after this. */
  handoffSetAsideMs: 5_000,
  /** Handoffs to one destination that one node works on at once, where the project says nothing, and the most it may say. */
  destinationConcurrency: 300,
  destinationConcurrencyMax: 500,
  /** A circuit opens after so many handoffs have failed one after another (fewer while it recovers), or this share of at least so many results within the window; results kept. */
  circuitFailuresInRow: 5,
  circuitFailuresRecovering: 2,
  circuitFailureShare: 0.5,
  circuitResultsMin: 20,
  circuitWindowMs: 10_000,
  circuitResultsKept: 200,
  /** While it is open one request tries whether its destination is back: after the first delay, doubling, to this ceiling. */
  circuitProbeFirstMs: 500,
  circuitProbeMaxMs: 4_000,
  /** Afterwards one request at a time, and twice as many each step. */
  rampStepMs: 250,
  /** A destination that answers 429 and says no time is left alone for this long; the longest that it may ask for. */
  destinationHoldMs: 1_000,
  destinationHoldMaxMs: 900_000,
  /** How soon a node knows what another, or a person, has decided about a destination. */
  destinationRefreshMs: 500,
  /** Acts on a destination that are listed; attempts that its figures are taken from, and how old they may be. */
  destinationActsListed: 50,
  destinationAttemptsMax: 5_000,
  destinationAttemptsMs: 900_000,
  /** Of these, those listed one by one; and the steps of time in which the others are counted. */
  destinationAttemptsListed: 50,
  destinationStepMs: 30_000,
  /** Stopping, all of it; of that, what senders and what handoffs under way are waited for. */
  stopMs: 30_000,
  stopAnswersMs: 8_000,
  stopHandoffsMs: 15_000,
  /** A handoff that waits for another is looked at again this often, should its release have been missed. */
  waitingRecheckMs: 60_000,
  /** A running attempt or probe is taken over when its lease has not been renewed for this long: with the sweep that finds it, within ten seconds. */
  leaseMs: 6_000,
  leaseRenewMs: 1_500,
  /** Retry of a handoff where the workflow says nothing. */
  retryAttempts: 8,
  retryForMs: 86_400_000,
  /** Backoff: first delay, doubling, to this ceiling. */
  backoffFirstMs: 1_000,
  backoffMaxMs: 3_600_000,
  /** Outcome probes: first delay, doubling, to this ceiling. */
  probeFirstMs: 250,
  probeMaxMs: 60_000,
  /** A destination that could not be asked is asked again at the latest after this; a look that was held back for longer than that is not the last one. */
  probeUnreachedMaxMs: 10_000,
  probeLateMs: 5_000,
  /** People who have to say yes to one handoff. */
  approvalsMax: 20,
  /** Callbacks that are kept of one handoff; one more is answered 429. */
  callbacksPerHandoffMax: 100,
  /** Callbacks that are kept for a key that nobody waits for yet: how long, and how many of one source. */
  callbackUnclaimedMs: 86_400_000,
  callbacksUnclaimedMax: 1_000,
  /** Handoffs that one callback can be about. */
  callbackHandoffsMax: 100,
  /** A key by which a callback is matched; a longer one matches nothing. */
  callbackKeyCharsMax: 500,
  /** The form by which a link decides an approval. */
  decisionFormBytesMax: 65_536,
  /** Expressions of outcomes that are kept compiled, by their texts. */
  outcomeExpressionsKept: 1_000,
  /** How often deadlines are swept, and how many rows one sweep takes. */
  sweepEveryMs: 1_000,
  sweepRowsMax: 200,
  /** A sweep of handoffs looks again while it finds so many, so often at the most: all that a lost node worked on. */
  sweepLooksMax: 5,
  /** One check of `/health/ready`; what does not answer by then is not ready. */
  healthMs: 2_000,
  /** `/health/ready` fails when no sweep has succeeded for this long. */
  sweepSilentMs: 30_000,
  /** Polls of sources that one node has under way at once. */
  pollsInFlightMax: 4,
  /** Pages that one poll reads where the source says nothing, and the most that it may say; what is left, the next one reads. */
  pollPages: 100,
  pollPagesMax: 10_000,
  /** Triggers of one page. */
  pollPageTriggersMax: 5_000,
  /** A cursor as JSON text. */
  pollCursorCharsMax: 16_384,
  /** A poll is taken over when no page has been committed for this long, above what its destination may take to answer. */
  pollLeaseMs: 60_000,
  /** Polls of one source are no closer than this, and after failures the first wait is this long. */
  pollEveryMinMs: 1_000,
  pollBackoffFirstMs: 5_000,
  /** After many failures a source is polled this often, or in its own rhythm where that is slower. */
  pollBackoffMaxMs: 300_000,
  /** Failures in a row after which `/health/ready` speaks of a source. */
  pollFailuresTold: 3,
  /** Elements that one comparison of a source's list holds, and those that are taken at once. */
  reconciliationListedMax: 200_000,
  reconciliationTakenMax: 100,
  /** A file of a source's triggers that is held against our tickets. */
  reconciliationFileBytesMax: 64 * 1_048_576,
  /** Comparisons that one node has under way at once. */
  reconciliationsInFlightMax: 2,
  /** Tickets and identities that a finding names. */
  reconciliationNamedMax: 50,
  /** So many that differ, and more than those that do not, are a list that is written otherwise: none is taken. */
  reconciliationUnlikeMin: 5,
  /** Readings of one confirmed record, those at a stretch, and handoffs that are entered for them at once. */
  readAgainMax: 10,
  readAgainStretch: 20,
  readAgainEnteredMax: 1_000,
  /** How long a confirmation rests before it is entered: its commit may be under way. */
  readAgainSettleMs: 15_000,
  /** Findings about records of one destination that are open at once. */
  readAgainOpenMax: 20,
  /** A record that is not as it was is read again after this, then less and less often, for so long after its confirmation. */
  readAgainWrongMs: 3_600_000,
  readAgainWrongMaxMs: 90 * 86_400_000,
  /** Hours of the account that are shown at once. */
  accountShownHoursMax: 48,
  /** A claim on an exception that nobody works on lapses after this. */
  claimLeaseMs: 3_600_000,
  /** A row that a sweep could not handle is set aside for this long, so that it cannot stand in the way of others. */
  sweepSetAsideMs: 60_000,
  /** A root cause where the policy lists none. */
  rootCauseCharsMax: 200,
  /** An exception's one-sentence summary; a longer one is cut. */
  summaryCharsMax: 1_000,
  /** Compiled workflow versions kept in memory for tickets in flight. */
  workflowVersionsKept: 100,
  /** Versions of a workflow that are listed; of those before, the ones with open tickets. */
  workflowVersionsListed: 20,
  /** How far back a search for a text or a field goes where nobody says since when. */
  searchMs: 30 * 86_400_000,
  /** Tickets that one look at the last hours counts, and the longest that it goes back. */
  windowTicketsMax: 10_000,
  windowMs: 7 * 86_400_000,
  /** Rows of each kind on the page of today. */
  todayRowsMax: 20,
  /** A page of any list. */
  pageRowsMax: 500,
  /** Recorded triggers that are read at once for a stream of them, and the bytes of their bodies. */
  recordedRowsMax: 500,
  recordedBytesMax: 4 * 1_048_576,
  /** Bytes of the bodies that are verified at once. */
  auditBytesMax: 4 * 1_048_576,
  /** Changed payloads that are decided to explain what would change an answer, their bytes, and the changes that are told. */
  explanationTriesMax: 200,
  explanationBytesMax: 4 * 1_048_576,
  explanationChangesMax: 20,
  /** Kinds of difference that a plan keeps apart, and the tickets named for each. */
  planGroupsMax: 1_000,
  planExamplesMax: 3,
  /** Recorded triggers given to a thread of a plan at once; while two of these wait for it, it gets no more. */
  planBatchBytes: 524_288,
  planThreadsMax: 64,
  /** Connections of one node to the database. */
  connectionsMax: 20,
  /** More of them, for finding and writing handoffs. */
  byIndexConnectionsMax: 6,
  /** What a connection keeps of the buffer that its statements are written in. */
  messageBytesKept: 1_048_576,
  /** Waiting for a connection, for one statement, and for a transaction that does nothing. */
  connectMs: 10_000,
  statementMs: 30_000,
  idleInTransactionMs: 60_000,
  /** A connection to the database over which nothing has come or gone for this long, while somebody waits, is given up. */
  databaseSilentMs: 35_000,
  /** An embedded server that does not start again is tried after a delay that doubles from the first to the ceiling. */
  serverRestartFirstMs: 250,
  serverRestartMaxMs: 15_000,
  /** Waiting for the embedded server to start (it may have a crash to recover from) or to stop. */
  serverStartMs: 120_000,
  serverStopMs: 60_000,
  /** Memory that the embedded server keeps pages in, bytes: an eighth of the machine's, but at least and at most so much. */
  sharedBuffersMin: 128 * 1_048_576,
  sharedBuffersMax: 1_024 * 1_048_576,
  /** The embedded server's log; a longer one is put aside at the next start. */
  serverLogBytesMax: 8 * 1_048_576,
  /** What is kept of the payloads that a contract is inferred from, or whose drift is watched: names in one object, distinct values and kinds of one field, levels, and parts in all. */
  shapeKeysMax: 200,
  shapeValuesMax: 24,
  shapeVariantsMax: 24,
  shapePrefixChars: 16,
  shapeDepthMax: 16,
  shapeNodesMax: 20_000,
  /** Payloads among which `infer` looks for an identity; what comes after them counts for the contract alone. */
  inferMarksMax: 5_000,
  /** Drift: how often new tickets are read, how long they rest before (their commit may be under way), how far back the first reading goes. */
  driftEveryMs: 10_000,
  driftSettleMs: 15_000,
  driftHistoryMs: 7 * 86_400_000,
  /** Tickets that one reading passes, payloads that it looks at, those that count of one kind from one such time, and their bytes. */
  driftTicketsMax: 10_000,
  driftPayloadsMax: 400,
  driftKindPayloadsMax: 8,
  driftBodyBytesMax: 262_144,
  /** Kinds of payloads of one source that are told apart; further ones are one kind together. Parts of one kind's shape. */
  driftKindsMax: 32,
  driftNodesMax: 2_000,
  /** Findings of one source that are open at once; what is more shows when these are settled. */
  driftOpenMax: 20,
  /** What is found about no workflow: taken, and settled, by then where the project says nothing. */
  detectionTtlMs: 1_800_000,
  detectionResolveWithinMs: 86_400_000,
  /** A ticket whose handoffs have not moved for this long is stuck, where the project says nothing. */
  stuckAfterMs: 2 * 86_400_000,
  heartbeatEveryMinMs: 10_000,
  heartbeatMs: 3_000,
  /** How often each detector does its round; learning and accounts less often. */
  detectEveryMs: 10_000,
  detectSlowEveryMs: 60_000,
  /** Tickets that one round of a detector looks at, open tickets that are counted by owner, tickets that a finding names. */
  detectTicketsMax: 500,
  detectOwnedMax: 200_000,
  detectNamedMax: 5,
  /** Tickets whose arrival is counted in one round. */
  arrivalsMax: 50_000,
  /** How far arrivals and accounts look back at their first round, and how many hours are accounted for in one. */
  accountHistoryMs: 7 * 86_400_000,
  accountHoursMax: 6,
  /** Routing thrash: the time looked at, placements in it beyond which it is one, crossings of the threshold. */
  thrashWindowMs: 86_400_000,
  thrashPlacementsMax: 4,
  thrashCrossingsMax: 3,
  /** Claims of one exception that lapsed in the time looked at, without any work on it. */
  lapsedClaimsMax: 2,
  /** Error rates: the time looked at, tickets and failures below which nothing is said, how many times the usual it must be. */
  rateWindowMs: 600_000,
  rateTicketsMin: 20,
  rateFailuresMin: 5,
  rateTimesMin: 3,
  /** Chance alone would give one false alarm of an error rate in this time, for each workflow. */
  rateFalseAlarmMs: 30 * 86_400_000,
  /** A retry storm: handoffs of one destination under way that have failed so often, so many, and this part of all. */
  stormAttemptsMin: 3,
  stormHandoffsMin: 20,
  stormPart: 0.5,
  /** Partial sync: contradicted outcomes of one field of a destination in the time looked at. */
  syncWindowMs: 7 * 86_400_000,
  syncContradictedMin: 3,
  /** A worker is silent when something has been due for it for this long. */
  workerSilentMs: 60_000,
  /** A finding's key; a longer one ends in its digest. Findings of one detector that are looked at in one round. */
  findingKeyCharsMax: 500,
  findingsOpenMax: 1_000,
  ...accountLimits,
  /** A person's note, reason or evidence. */
  noteCharsMax: 4_000,
} as const;
