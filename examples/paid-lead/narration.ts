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
  done: () => [{ rung: 'done', text: 'the outcome is proved', tone: 'good' }],
};

/** What a person finds in the queue: why it is there, who has it until when, and what is to be done. */
function openedLines({ entry, story, nameOf, text }: Words): readonly Line[] {
  const exception = story.exceptions.find(({ seq }) => seq === entry.data.exception);
  const triage = ['no_route', 'low_confidence', 'ambiguous'].includes(text('mode'));
  return [
    { rung: triage ? 'triage' : 'exception', text: `${text('mode')}: ${text('summary')}`, tone: 'stop' },
    {
      rung: '',
      text: `with ${nameOf(text('responsible'))}${untilText(text('claim_by'), entry.at, nameOf(text('alternate')))}`,
    },
    ...(exception?.checklist ?? []).map((point) => ({ rung: '', text: `[ ] ${point.text}` })),
  ];
}

function untilText(claimBy: string, at: string, next: string): string {
  const seconds = Math.round((Date.parse(claimBy) - Date.parse(at)) / 1000);
  return `; taken within ${seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`}, or it goes to ${next}`;
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
