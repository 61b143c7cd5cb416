import type { FailureMode } from './exception.ts';

/** What to go through where the workflow names no checklist: nobody who takes an exception faces an empty list. */
export const defaultChecklists: Readonly<Record<FailureMode, readonly string[]>> = {
  unparseable: [
    'Look at the bytes that came in, and find what sent them',
    'Replay with a repaired payload, or discard',
    "Tell the source's owner what arrives broken",
  ],
  contract_violation: [
    'Find out why the named fields are missing or wrong',
    'Repair the payload and replay',
    "Tell the source's owner, so that it does not come again",
  ],
  conflicting_duplicate: [
    'Compare this payload with the first ticket of the same identity',
    'Decide which of the two holds',
    'Replay this one if it is other work; otherwise discard it',
  ],
  transform_failed: [
    'Look at the field that could not be made, and at its expression',
    'Repair the payload or the workflow, then replay',
  ],
  check_failed: [
    'Look at the failed check and at the values it saw',
    'Get the right values from the sender, and replay with them',
  ],
  no_route: [
    'Read the ticket and decide whose work it is',
    'Re-route it there',
    'Note which rule is missing',
  ],
  low_confidence: [
    'Read the signals that held and those that did not',
    'Decide whose work it is, and re-route it there',
  ],
  ambiguous: [
    'Compare the destinations that matched',
    'Decide whose work it is, and re-route it there',
    'Note which rule should have told them apart',
  ],
  refused: ['Read why the approver refused', 'Change what was asked for and replay, or discard'],
  approval_overdue: ['Ask the approver for an answer', 'Replay to ask for approval again, or discard'],
  rejected: [
    "Read the destination's answer",
    'Repair what it refused, at the destination or in the payload',
    'Retry or replay',
  ],
  attempts_exhausted: [
    'Find out whether the destination is back',
    'Look there for what the last attempts may have left behind',
    'Retry, or confirm by hand with evidence',
  ],
  destination_contract_violation: [
    "Compare the request with the destination's document",
    'Repair the workflow or the document',
    'Replay',
  ],
  unconfirmed: [
    'Look in the destination whether the record is there',
    'Confirm by hand with evidence if it is; retry if it is not',
  ],
  contradicted: [
    'Compare the record in the destination with what was sent',
    'Correct the record there, and confirm by hand with evidence',
    "Tell the destination's owner which field went missing",
  ],
  silent_drop: ['Find the record in the list of its source', 'Send it again, or discard it with the reason'],
  source_silent: ['Find out whether the source is down or just quiet', 'Have it send again what was missed'],
  routing_thrash: ['Read why the ticket went back and forth', 'Decide whose work it is, and settle it there'],
  ownership_lapse: [
    'Name an owner who can be reached, or a cover for the time away',
    'Hand over what is open',
  ],
  sync_stale: ['Compare both systems', 'Bring the stale one up to date, and confirm with evidence'],
  contract_drift: [
    'Look at what changed, and ask the owner of the source whether it was meant',
    'Adapt the contract or the workflow, or acknowledge the change with the reason',
  ],
  stuck: [
    'Read what the ticket waits for, and since when',
    'Set it going again, or settle it by hand with evidence',
    'Find out what let it lie',
  ],
  retry_storm: [
    'Look at the answers that the destination gives',
    'Tell its owner, and wait for it to be well before anything is retried by hand',
  ],
  error_rate: [
    'Look at the exceptions that came in the named time, and at what they share',
    'Mend the cause, and replay what it stopped',
  ],
  unaccounted: [
    'Look at the tickets that the account names',
    'Verify the record: signalbox audit verify',
    'Find what is missing before anything else is changed',
  ],
  worker_silent: [
    'Look at `signalbox doctor` and at the log of the server',
    'Restart what does not work, and see that its backlog shrinks',
  ],
};
