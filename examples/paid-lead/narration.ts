import type { Entry, TicketStory } from './client.ts';
import type { Tone } from './terminal.ts';

/** One line of a story: where on the ladder, what happened there, and how it is meant. */
export interface Line {
  readonly rung: string;
  readonly text: string;
  readonly tone?: Tone;
}

/** `person:dana` as `Dana Reyes`: how people are called in what is told. */
export type NameOf = (ref: string) => string;

/** Puts one entry of a ticket's record into plain words, with what the rest of its story knows. Pure. */
export function narrate(entry: Entry, story: TicketStory, nameOf: NameOf): readonly Line[] {
  const words: Words = {
    entry,
    story,
    nameOf,
    text: (key) => textOf(entry.data[key]),
    who: nameOf(entry.actor),
  };
  const known = tellers[entry.kind];
  return known === undefined
    ? [{ rung: '', text: `${words.who}: ${entry.kind.replaceAll('_', ' ')}` }]
    : known(words);
}

interface Words {
  readonly entry: Entry;
  readonly story: TicketStory;
  readonly nameOf: NameOf;
  /** A member of the entry's data, as text. */
  text(key: string): string;
  /** Who did it. */
  readonly who: string;
}

const tellers: Readonly<Record<string, (words: Words) => readonly Line[]>> = {
  received: ({ story: { ticket }, nameOf }) => [
    { rung: 'intake', text: `ticket ${ticket.id}` },
    { rung: '', text: `owned by ${nameOf(ticket.owner)}, alternate ${nameOf(ticket.alternate)}` },
  ],
  duplicate_joined: ({ story: { ticket } }) => [
    {
      rung: 'dedupe',
      text: `seen before: joined to ticket ${ticket.id}, and nothing is done twice`,
      tone: 'good',
    },
  ],
  decided: ({ entry }) => reasonsOf(entry).map(({ rung, text }) => ({ rung, text })),
  replayed: ({ entry, who }) => {
    const changed = listOf(entry.data.changed).map(textOf).join(', ');
    const text = changed === '' ? 'decided again' : `decided again with ${changed} changed`;
    return [{ rung: 'replay', text: `${text} by ${who}; the first payload is kept beside` }];
  },
  exception_opened: (words) => openedLines(words),
  exception_claimed: ({ who }) => [{ rung: 'exception', text: `${who} takes it` }],
  exception_escalated: ({ text, nameOf }) => [
    {
      rung: 'escalation',
      text: `nobody took it in time: from ${nameOf(text('from'))} to ${nameOf(text('to'))}`,
      tone: 'stop',
    },
  ],
  exception_resolved: ({ text, who }) => [
    {
      rung: 'exception',
      text: `resolved by ${who}: ${text('resolution')}; root cause ${text('root_cause')}`,
      tone: 'good',
    },
  ],
  checklist_ticked: ({ text }) => [{ rung: 'checklist', text: `[x] ${text('point')}` }],
  handoff_promised: ({ entry, text, story, nameOf }) => {
    if (text('state') !== 'awaiting_approval') return [];
    const by = story.handoffs.find(({ seq }) => seq === entry.data.handoff_seq)?.approval?.by ?? '';
    return [{ rung: 'approval', text: `${text('handoff')} waits for a yes of ${nameOf(by)}`, tone: 'stop' }];
  },
  approval_approved: ({ text, who }) => [
    { rung: 'approval', text: `${who} says yes: ${text('reason')}`, tone: 'good' },
  ],
  approval_refused: ({ text, who }) => [
    { rung: 'approval', text: `${who} says no: ${text('reason')}`, tone: 'stop' },
  ],
  handoff_released: () => [],
  handoff_attempted: ({ text }) => [
    { rung: 'handoff', text: `attempt ${text('attempt')}: ${text('operation')} at ${text('destination')}` },
  ],
  handoff_accepted: ({ text }) => [
    { rung: 'handoff', text: `attempt ${text('attempt')}: ${text('detail')}; the proof is still missing` },
  ],
  handoff_retry_planned: ({ entry, text }) => [
    { rung: 'handoff', text: `attempt ${text('attempt')}: ${text('detail')}`, tone: 'stop' },
    { rung: '', text: `the next one in ${secondsBetween(entry.at, text('at'))} s` },
  ],
  handoff_failed: ({ text }) => [
    {
      rung: 'handoff',
      text: `attempt ${text('attempt')}: ${text('detail')}; it is not made again`,
      tone: 'stop',
    },
  ],
  outcome_probed: ({ text }) => [
    { rung: 'outcome', text: `${lookText(text('verdict'))}; looks again until its time is up` },
  ],
  outcome_confirmed: ({ entry }) => [
    {
      rung: 'outcome',
      text: `read back: ${listOf(entry.data.same).join(', ')} stand there as sent`,
      tone: 'good',
    },
  ],
  outcome_contradicted: ({ text }) => [{ rung: 'outcome', text: lookText(text('verdict')), tone: 'stop' }],
  outcome_unconfirmed: ({ text }) => [{ rung: 'outcome', text: lookText(text('verdict')), tone: 'stop' }],
  done: () => [{ rung: 'done', text: 'the outcome is proved', tone: 'good' }],
};

/** What a person finds in the queue: why it is there, who has it until when, and what is to be done. */
function openedLines({ entry, story, nameOf, text }: Words): readonly Line[] {
  const exception = story.exceptions.find(({ seq }) => seq === entry.data.exception);
  const triage = ['no_route', 'low_confidence', 'ambiguous'].includes(text('mode'));
  return [
    {
      rung: triage ? 'triage' : 'exception',
      text: `${text('mode')}: ${exception?.summary ?? ''}`,
      tone: 'stop',
    },
    {
      rung: '',
      text: `with ${nameOf(text('responsible'))}${untilText(text('claim_by'), entry.at, nameOf(text('alternate')))}`,
    },
    ...(exception?.checklist ?? []).map((point) => ({ rung: '', text: `[ ] ${point.text}` })),
  ];
}

function untilText(claimBy: string, at: string, next: string): string {
  const seconds = Math.round(Number(secondsBetween(at, claimBy)));
  return `; taken within ${seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`}, or it goes to ${next}`;
}

function lookText(verdict: string): string {
  const texts: Readonly<Record<string, string>> = {
    differs: 'read back: the record is not what was sent',
    missing: 'read back: there is no such record',
    unreadable: 'the record cannot be read back',
  };
  return texts[verdict] ?? `read back: ${verdict}`;
}

function secondsBetween(from: string, to: string): string {
  return ((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1);
}

interface Reason {
  readonly rung: string;
  readonly text: string;
}

function reasonsOf(entry: Entry): readonly Reason[] {
  return listOf(entry.data.reasons) as readonly Reason[];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? ''
      : JSON.stringify(value);
}
