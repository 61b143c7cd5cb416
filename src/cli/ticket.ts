import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { Ticket, TicketStory } from '../api/story.ts';
import { AppError } from '../errors.ts';
import { type Client, serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { paintFor, say, sayJson } from './output.ts';
import { storyText } from './story-text.ts';

/** `signalbox ticket`: what happened to one ticket, the whole of it. */
export function ticketCommand(root: Command): void {
  const ticket = addCommand(root, 'ticket <id>', {
    summary: 'Tells the whole story of a ticket, named by its id or by the identity of its payload',
    examples: [
      ['signalbox ticket lead-1', 'the newest ticket of that identity'],
      ['signalbox ticket 0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41', 'by its id'],
      ['signalbox ticket lead-1 --json', 'everything, as the API has it'],
    ],
  });
  ticket.action(async (name: string, options: CommonOptions) => {
    const client = await serverClient(options);
    const { id, others } = await find(client, name);
    const story = await client.get<TicketStory>(`/api/tickets/${id}`);
    if (options.json) return sayJson(story);
    const paint = paintFor(process.stdout);
    say(storyText(story, new Date(), paint));
    if (others.length > 0) say(paint('dim', `\nEarlier tickets of this identity: ${others.join(', ')}`));
  });
  addCommand(ticket, 'transfer <id>', {
    summary: 'Gives a ticket to another owner, who answers for it until its outcome is confirmed',
    examples: [
      ['signalbox ticket transfer lead-1 --to person:omar --reason "Dana is away"', 'to a person'],
      ['signalbox ticket transfer lead-1 --to team:web --reason "It is a web project"', 'to a team'],
    ],
  })
    .requiredOption('--to <owner>', 'person:<key> or team:<key>')
    .requiredOption('--reason <text>', 'why, for who gets it')
    .option('--as <person>', 'who says so: person:<key> (default: SIGNALBOX_ACTOR)')
    .action(async (name: string, given: TransferOptions, command: Command) => {
      // What stands before `transfer` belongs to `ticket`.
      const options = { ...command.parent?.opts<CommonOptions>(), ...given };
      const client = await serverClient(options);
      const { id } = await find(client, name);
      const { to, reason } = options;
      const moved = await client.post<Static<typeof Ticket>>(`/api/tickets/${id}/transfer`, { to, reason });
      if (options.json) sayJson(moved);
      else say(`${moved.owner} answers for ticket ${id}, then ${moved.alternate}`);
    });
}

type TransferOptions = CommonOptions & {
  readonly as?: string;
  readonly to: string;
  readonly reason: string;
};

async function find(client: Client, name: string): Promise<{ id: string; others: string[] }> {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)) return { id: name, others: [] };
  const query = new URLSearchParams({ identity: name, limit: '20' });
  const { tickets } = await client.get<{ tickets: Static<typeof Ticket>[] }>(`/api/tickets?${query}`);
  const [newest, ...others] = tickets;
  if (newest !== undefined) return { id: newest.id, others: others.map(({ id }) => id) };
  throw new AppError('not_found', `No ticket has the identity "${name}".`, {
    help: 'A ticket is named by its whole id, or by the identity that its workflow takes from the payload.',
  });
}
