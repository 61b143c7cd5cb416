import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { Approval, WaitingApproval } from '../api/approvals.ts';
import { type Client, serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { dayAndTime, due } from './moments.ts';
import { paintFor, say, sayJson, table } from './output.ts';
import { meant, type Numbered, shortIds, wholeId } from './short-id.ts';

type Waiting = Static<typeof WaitingApproval>;
interface Link {
  readonly url: string;
  readonly until: string;
}
type Options = CommonOptions & { readonly as?: string; readonly reason?: string };

/** `signalbox approvals …`: what waits for a person's yes or no. */
export function approvalsCommands(root: Command): void {
  const group = root
    .command('approvals')
    .description('What waits for a yes or no: list it, approve it, refuse it');
  addCommand(group, 'list', {
    isDefault: true,
    summary: 'Lists what waits, the most urgent first, with what would be sent',
    examples: [['signalbox approvals list', 'what waits for a yes or no']],
  }).action(async (options: CommonOptions) => {
    const page = await waiting(await serverClient(options));
    if (options.json) sayJson(page);
    else
      say(page.approvals.length === 0 ? 'Nothing waits for approval.' : listText(page.approvals, new Date()));
  });
  decideCommand(group, 'approve', 'Approves: the handoff is sent as it is shown', '--as person:dana');
  decideCommand(
    group,
    'refuse',
    'Refuses: it becomes an exception',
    '--as person:dana --reason "Over budget"',
  );
  linkCommand(group);
}

function linkCommand(group: Command): void {
  addCommand(group, 'link <id>', {
    summary: 'Makes the address by which one person decides it without a key, once',
    examples: [['signalbox approvals link 8c2f41/1 --for person:dana', 'an address for Dana']],
  })
    .requiredOption('--for <person>', 'who will decide with it: person:<key>')
    .option('--as <person>', 'who asks for it: person:<key> (default: SIGNALBOX_ACTOR)')
    .action(async (id: string, options: Options & { readonly for: string }) => {
      const client = await serverClient(options);
      const { ticketId, seq } = await find(client, id);
      const path = `/api/approvals/${ticketId}/${seq}/links`;
      const link = await client.post<Link>(path, { for: options.for });
      if (options.json) sayJson(link);
      else say(`${link.url}\nFor ${options.for} alone, until ${dayAndTime(link.until)} UTC.`);
    });
}

function decideCommand(group: Command, verb: 'approve' | 'refuse', summary: string, sample: string): void {
  addCommand(group, `${verb} <id>`, {
    summary,
    examples: [[`signalbox approvals ${verb} 8c2f41/1 ${sample}`, summary]],
  })
    .option('--as <person>', 'who decides: person:<key> (default: SIGNALBOX_ACTOR)')
    .option('--reason <text>', verb === 'refuse' ? 'why (a refusal needs it)' : 'why')
    .action(async (id: string, options: Options) => {
      const client = await serverClient(options);
      const { ticketId, seq } = await find(client, id);
      const body = { approve: verb === 'approve', reason: options.reason ?? '' };
      const path = `/api/approvals/${ticketId}/${seq}`;
      const approval = await client.post<Static<typeof Approval>>(path, body);
      if (options.json) sayJson(approval);
      else say(decidedText(approval));
    });
}

function decidedText(approval: Static<typeof Approval>): string {
  const { state, decided_by: by, yes, needed, ticket_id: ticket, handoff_seq: seq } = approval;
  const what = state === 'waiting' ? `${yes.length} of ${needed} have said yes` : `${state} by ${by}`;
  return `${what}: ticket ${ticket}, handoff ${seq}`;
}

async function waiting(client: Client) {
  return await client.get<{ approvals: Waiting[] }>('/api/approvals');
}

async function find(client: Client, id: string): Promise<Numbered> {
  return wholeId(id) ?? meant((await waiting(client)).approvals.map(numbered), id, 'approval that waits');
}

function numbered({ ticket_id: ticketId, handoff_seq: seq }: Waiting): Numbered {
  return { ticketId, seq };
}

function listText(approvals: readonly Waiting[], now: Date): string {
  const shortId = shortIds(approvals.map(numbered));
  const rows = approvals.map((each) => [
    shortId(numbered(each)),
    each.needed > 1 ? `${each.responsible} (${each.yes.length} of ${each.needed})` : each.responsible,
    due(each.due_at, now),
    `${each.handoff} at ${each.destination}`,
    `${each.request.method} ${each.request.path} ${JSON.stringify(each.request.body) ?? ''}`,
  ]);
  return table(['id', 'waits for', 'due', 'handoff', 'would send'], rows, paintFor(process.stdout));
}
