import type { DiagnosticCode } from '../diagnostics.ts';

interface DiagnosticPage {
  /** Why it matters, to somebody who runs the work. */
  readonly why: string;
  /** What to write instead. */
  readonly instead: string;
}

/** What docs/reference/diagnostics.md and the rules of a SARIF log say of each code, beside its name and its example. */
export const diagnosticPages: Readonly<Record<DiagnosticCode, DiagnosticPage>> = {
  SB101: {
    why: 'A file that is not YAML says nothing at all, so nothing of it is in force.',
    instead:
      'Correct the indentation, and put texts with `: ` or ` #` in them, and those that begin with `"`, `[`, `{`, `!`, `*` or `&`, in quotes.',
  },
  SB102: {
    why: 'Only one of two equal keys can count, and readers differ on which: what one person reads is not what happens.',
    instead: 'Keep the one that is meant and delete the other.',
  },
  SB103: {
    why: 'An alias makes one place depend on another that the reader does not see. Each part of a workflow is read by itself.',
    instead: 'Write the value out where it is used.',
  },
  SB104: {
    why: 'A project is `signalbox.yaml` and at least one file in `workflows/`; without them no trigger has a way.',
    instead: 'Go to the project folder, or make one with `signalbox init`.',
  },
  SB105: {
    why: 'A workflow is some kilobytes of text; something else lies where it should be.',
    instead: 'Put the right file there. Data belongs into `payloads/` or `cases/`.',
  },
  SB106: {
    why: 'A workflow in TypeScript is the plain data that its file exports. A file that fails, does not end, or exports something else is no workflow.',
    instead:
      'Write `export default defineWorkflow({ … })` with plain data in it; what several workflows share belongs into another folder.',
  },
  SB110: {
    why: 'A key that nobody knows has no effect: the rule that you believe to be in force is not.',
    instead: 'Write the key as the reference spells it; near misses are named.',
  },
  SB111: {
    why: 'What is missing is what the promise rests on: without an owner, a deadline or a contract work gets lost.',
    instead: 'Add the key; the finding shows how it looks.',
  },
  SB112: {
    why: 'A list where a mapping belongs, or a number where a text does, cannot be read as what was meant.',
    instead: 'Write the value in the form that the finding names.',
  },
  SB113: {
    why: 'The value lies outside of what has a meaning here, so it would be ignored or misunderstood.',
    instead: 'Choose one of the values, or stay in the range, that the finding names.',
  },
  SB114: {
    why: 'A deadline without its unit is a guess: 15 seconds, or 15 days?',
    instead: 'Write a whole number and its unit: `500ms`, `30s`, `15m`, `4h`, `30d`.',
  },
  SB115: {
    why: 'Whoever can read the project could act as you: files are copied, committed and sent around.',
    instead:
      'Take the secret out, have it replaced where it was issued, and name its place: `{ env: NAME }` or `{ file: path }`.',
  },
  SB116: {
    why: 'Two keys contradict each other, or one has no effect beside the other. What is written is not what would happen.',
    instead: 'Keep the one that is meant, or add the one that it needs.',
  },
  SB120: {
    why: 'Work that is on nobody is lost: no one is told, and no one answers.',
    instead: 'Name a person or team of `signalbox.yaml`, or add them there.',
  },
  SB121: {
    why: 'A workflow whose source does not exist never starts.',
    instead: 'Name a source of `signalbox.yaml`, or add it there.',
  },
  SB122: {
    why: 'A handoff to a destination that does not exist can never be made.',
    instead: 'Name a destination of `signalbox.yaml`, or add it there.',
  },
  SB123: {
    why: 'The destination has no such operation: every handoff would be refused.',
    instead: 'Name an operation as its API document does, by `operationId` or as `POST /projects`.',
  },
  SB124: {
    why: 'The destination would refuse the request, or ignore what you send.',
    instead: 'Give every required parameter under `with`, and only those that the operation has.',
  },
  SB125: {
    why: 'When the owner is ill or on leave, nobody is left: the alternate would be the same person.',
    instead: 'Name somebody else, or add somebody to the team.',
  },
  SB126: {
    why: 'Tickets, versions and commands call things by their names; two of one name cannot be told apart.',
    instead: 'Give each a name of its own.',
  },
  SB127: {
    why: 'Handoffs that wait for each other are never sent, and nothing fails that somebody would notice.',
    instead: 'Take one `after` out of the circle, or name a handoff of this file.',
  },
  SB128: {
    why: 'A trigger becomes one ticket with one owner. Two workflows would make two of it, each with another truth.',
    instead: 'Give each workflow a source of its own, or make both one workflow with two routes.',
  },
  SB129: {
    why: 'An exception is first taken (`ttl`), then settled (`resolve_within`). In the other order it is late before anybody is asked again.',
    instead: 'Make `ttl` the shorter one.',
  },
  SB130: {
    why: 'Without its contract nobody knows whether a payload is complete, and expressions cannot be checked.',
    instead: 'Correct the path, what follows `#`, or the schema.',
  },
  SB131: {
    why: 'Requests and answers are checked against the API document; without it mistakes are found by the destination.',
    instead: 'Correct the path, or the document.',
  },
  SB132: {
    why: 'The contract works, but a payload made for it could take long to be checked.',
    instead: 'Write the pattern without look-around and back-references.',
  },
  SB133: {
    why: 'The document is not as its own standard demands. What is sound of it is used; the rest is not checked.',
    instead: 'Correct the place, or tell the vendor. Where nothing of yours needs it, it can stay.',
  },
  SB140: {
    why: 'An expression that is not understood, or that names a field which the contract does not have, would fail for every payload.',
    instead: 'Name what stands in the contract; the finding lists what is seen there.',
  },
  SB141: {
    why: 'A condition must be true or false, an identity one value: with anything else there is no decision.',
    instead: 'Compare it with something, or ask `has(…)`.',
  },
  SB150: {
    why: 'A status 200 is a claim. Without reading the record back, being called back, or somebody who looks, nobody knows that the work arrived as it was meant.',
    instead:
      'Say how the record is read back (`read`), how its target calls back (`callback`), or who confirms it (`confirm`); and of a record or callback what must hold (`that`) or stand equal (`same`).',
  },
  SB160: {
    why: 'The contract lets the field be absent, and reading what is absent fails: such a ticket stops, or a rule passes it over, though its payload was sound. An error.',
    instead:
      'Ask first: `has(payload.utm) && …`, or `has(payload.utm) ? … : ""` for a value. Or require the field in the contract, where it always comes. What a destination answers (`response`, `result`) needs no guard: a proof that cannot be read is none.',
  },
  SB161: {
    why: 'The contract admits null, and a text function or a comparison with a number fails on null; dividing by zero yields no number. An error.',
    instead: 'Ask first: `payload.note != null && …`. `has()` does not do: a field that is null is there.',
  },
  SB162: {
    why: 'The contract does not admit the value that the expression waits for, a slip of the pen mostly: the condition says no for ever, and nobody is told. An error.',
    instead:
      'Write a value that the contract lists; near misses are named. Or let the contract admit the new one.',
  },
  SB163: {
    why: 'The condition contradicts itself, the contract, or the checks before it, so that what it stands for never happens: a rule, a handoff, an approval. An error; of evidence for a rule, a warning.',
    instead:
      'Correct the part that is underlined. Where one of two values will do, write `in ["a", "b"]` or `||` instead of `&&`.',
  },
  SB164: {
    why: 'Confidence is the best score less half the second best. A rule that always matches beside another takes that half away or is never the best: its tickets go elsewhere or to triage. An error; of a rule that only repeats another, a warning.',
    instead:
      'Let each ticket match one rule: narrow the wider one as the finding shows, and write what is for all the rest as `otherwise`.',
  },
  SB165: {
    why: 'The best confidence that can come is below the threshold, so every such ticket goes to triage, whatever it says. An error.',
    instead:
      'Let the signals hold together, keep rules from matching the same tickets, or lower the threshold.',
  },
  SB166: {
    why: 'The check asks for what the contract asks for already, or for nothing: it looks like a safeguard and is none. An error.',
    instead: 'Remove it, or ask for more than the contract does.',
  },
  SB167: {
    why: 'What the check asks for cannot come, by itself or beside another check: every ticket stops as `check_failed`. An error.',
    instead: 'Correct the part that is underlined, or the check that it contradicts.',
  },
  SB168: {
    why: "The operation's own schema refuses what is sent, and that is known before the first ticket: each would stop as `destination_contract_violation`. An error; a warning where only some values are refused, or a name only looks like a slip.",
    instead:
      'Add what is required, spell the fields as the document does, and turn the value into what it takes: `string(…)`, `double(…)`.',
  },
  SB169: {
    why: 'The proof fails whatever the other system does, or holds whatever it does: either way it tells nothing. An error.',
    instead:
      'Compare fields that the record has, and ask for what only a right record can say: `result.manager != ""`.',
  },
  SB170: {
    why: 'Who did not act gets it again, and nobody new hears of it: the escalation looks longer than it is.',
    instead: 'Name people higher up, each once. A team of one is that person.',
  },
  SB171: {
    why: 'Nobody who cannot be told can answer for something: what is on them goes to the next one at once.',
    instead: 'Add the `email`, or name somebody who has one.',
  },
  SB172: {
    why: 'What the source sends becomes nobody’s work. Often a workflow was taken away and its source stayed.',
    instead: 'Write a workflow for it, or take it out.',
  },
  SB173: {
    why: 'An address and a credential are kept that nothing uses: one more thing to rotate, and to lose.',
    instead: 'Write a handoff to it, or take it out.',
  },
  SB174: {
    why: 'Whoever takes such an exception sees a general list, which cannot know your systems: whom to ask, where to look, what to correct.',
    instead:
      'Say under `exceptions.on` what your own people do. These are the general lists; take them as a beginning:',
  },
  SB178: {
    why: 'Our tickets and the elements of a list are brought together by what the workflow recognises a trigger by. Where that is not in the elements, every one of them would look as if it had never come.',
    instead:
      'Give the workflow an `identity` of the payload alone, name `window.from` in the parameters of the list or say `at`, and keep `lookback` longer than `settle`.',
  },
  SB180: {
    why: 'A case that belongs to no workflow proves nothing, and looks as if it did.',
    instead: 'Name the workflow, once at the top of the file or in the case.',
  },
  SB181: {
    why: 'Without its payload a case has nothing to decide.',
    instead: 'Write the payload into the case, or name a file that is there.',
  },
  SB182: {
    why: 'A case that expects what the workflow does not have can never hold, whatever happens.',
    instead: 'Name a check, route, handoff or failure mode of the workflow.',
  },
  SB183: {
    why: 'A step says what happens next; where two stand in one, or it names no handoff, nobody knows what is meant.',
    instead: 'Write one thing a step, and name the handoff where there are several.',
  },
};
