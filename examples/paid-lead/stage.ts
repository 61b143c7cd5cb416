import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Answer, Client, Exception, TicketStory } from './client.ts';
import type { NameOf } from './narration.ts';
import { openTeller } from './teller.ts';
import type { Terminal } from './terminal.ts';
import type { Behaviour } from './tool/behaviour.ts';
import type { ProjectTool } from './tool/server.ts';

/** What a story acts on, and what tells it: each line is printed when the record has it. */
export interface Stage {
  /** A payload of `payloads/`, under a lead id that no earlier run has used. */
  lead(payload: string): Lead;
  /** Sends a lead as the landing page does. */
  send(lead: Lead): Promise<Sent & { readonly ticketId: string }>;
  /** Sends a lead as somebody who does not know the landing page's secret. */
  sendForged(lead: Lead): Promise<Sent>;
  /** The ticket once it is in this state. Throws where it is not in time. */
  until(ticketId: string, state: string): Promise<TicketStory>;
  /** The ticket once this can be seen of it; `what` says what, for the person who waits in vain. */
  untilIt(ticketId: string, what: string, seen: (story: TicketStory) => boolean): Promise<TicketStory>;
  /** The ticket as it is now. */
  story(ticketId: string): Promise<TicketStory>;
  /** The ticket's exception as the queue shows it. */
  inQueue(ticketId: string): Promise<Exception>;
  /** A person claims an exception, ticks its checklist off, and resolves it. */
  settle(person: string, exception: Exception, resolution: Readonly<Record<string, unknown>>): Promise<void>;
  approve(person: string, ticketId: string, reason: string): Promise<void>;
  /** Tells the project tool how to behave. */
  tell(behaviour: Behaviour): Promise<void>;
  /** Looks into the project tool: the managers of the projects that it really has for a lead, one name a project. */
  managersOf(lead: Lead): readonly string[];
}

interface Lead {
  readonly lead_id: string;
  readonly [field: string]: unknown;
}

interface Sent {
  readonly status: number;
  readonly ticketId: string | null;
}

export interface StageParts {
  readonly client: Client;
  readonly tool: ProjectTool;
  readonly terminal: Terminal;
  readonly nameOf: NameOf;
  /** The landing page's secret. */
  readonly secret: string;
  /** Text that makes this run's lead ids its own. */
  readonly run: string;
}

const source = 'landing-page';
const forgedSecret = `whsec_${Buffer.from('somebody who guesses the secret!').toString('base64')}`;
/** No story may keep the reader waiting longer for one of its turns. */
const patienceMs = 30_000;
const lookEveryMs = 50;

/** Sets the stage for one story; `number` keeps its leads apart from those of the others, `stop` ends its waiting. */
export function openStage(parts: StageParts, number: number, stop: AbortSignal): Stage {
  const { client, tool, terminal, secret } = parts;
  const teller = openTeller(parts);
  let leads = 0;

  const send = async (lead: Lead, key: string): Promise<Sent> => {
    teller.begin();
    const sentMs = teller.ms();
    const answer = await client.send(source, JSON.stringify(lead), key);
    const text = `${source} sends lead ${lead.lead_id} of ${String(lead.name)}\nanswered ${answerText(answer)}`;
    terminal.rung(sentMs, 'trigger', text, answer.status < 300 ? 'plain' : 'stop');
    const ticketId = typeof answer.body.ticket === 'string' ? answer.body.ticket : null;
    if (ticketId !== null) await teller.tell(ticketId);
    return { status: answer.status, ticketId };
  };
  const untilIt: Stage['untilIt'] = async (ticketId, what, seen) => {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const story = await teller.tell(ticketId);
      if (seen(story)) return story;
      if (Date.now() > deadline) {
        throw new Error(
          `Waited ${patienceMs / 1000} s in vain until it ${what}; it is in state ${story.ticket.state}`,
        );
      }
      await wait(lookEveryMs, undefined, { signal: stop });
    }
  };

  return {
    lead(payload) {
      leads += 1;
      const file = new URL(`payloads/${payload}.json`, import.meta.url);
      const lead = JSON.parse(readFileSync(file, 'utf8')) as Lead;
      return { ...lead, lead_id: `${lead.lead_id}-${parts.run}-${number}${leads > 1 ? `-${leads}` : ''}` };
    },
    async send(lead) {
      const { status, ticketId } = await send(lead, secret);
      if (ticketId === null) throw new Error(`The trigger was not taken: ${status}`);
      return { status, ticketId };
    },
    sendForged: (lead) => send(lead, forgedSecret),
    until: (ticketId, state) =>
      untilIt(ticketId, `is in state ${state}`, ({ ticket }) => ticket.state === state),
    untilIt,
    story: (ticketId) => teller.tell(ticketId),
    async inQueue(ticketId) {
      const found = (await client.exceptions()).find(({ ticket_id }) => ticket_id === ticketId);
      if (found === undefined) throw new Error(`Ticket ${ticketId} is not in the exception queue`);
      return found;
    },
    async settle(person, exception, resolution) {
      await client.act(person, exception, { act: 'claim' });
      for (const index of exception.checklist.keys())
        await client.act(person, exception, { act: 'tick', index });
      await client.act(person, exception, { act: 'resolve', ...resolution });
    },
    approve: async (person, ticketId, reason) => await client.approve(person, ticketId, 1, reason),
    async tell(behaviour) {
      await tool.control(behaviour);
      terminal.rung(teller.ms(), 'tool', toolText(behaviour));
    },
    managersOf(lead) {
      const projects = tool.records().filter((project) => project.lead === lead.lead_id);
      for (const { id, manager } of projects) {
        terminal.rung(
          teller.ms(),
          'tool',
          `has project ${id} for this lead; its manager: ${manager || 'nobody'}`,
        );
      }
      if (projects.length === 0) terminal.rung(teller.ms(), 'tool', 'has no project for this lead');
      return projects.map(({ manager }) => manager);
    },
  };
}

function answerText({ status, body }: Answer): string {
  if (status === 202) return '202: taken, and safe on disk';
  if (status === 200) return '200: taken, and known already';
  return `${status}: ${String(body.detail ?? body.title ?? 'not taken')}`;
}

function toolText(behaviour: Behaviour): string {
  switch (behaviour.mode) {
    case 'well':
      return 'the project tool is back';
    case 'drop-field':
      return `the project tool will say 201, and lose the field ${behaviour.field}`;
    case 'store-nothing':
      return 'the project tool will say 201, and store nothing';
    case 'store-twice':
      return 'the project tool will store it twice';
    case 'answer-twice':
      return 'the project tool will answer twice';
    case 'slow':
      return `the project tool will store it, and answer after ${behaviour.ms / 1000} s: longer than Signalbox waits`;
    case 'unavailable':
      return 'the project tool will say 503';
    case 'down':
      return 'the project tool goes down: nothing listens at its address';
  }
}
