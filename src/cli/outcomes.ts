import { type Command, InvalidArgumentError } from 'commander';
import type { Static } from 'typebox';
import type { Confirmation, WaitingConfirmation } from '../api/outcomes.ts';
import { type Client, serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { due } from './moments.ts';
import { paintFor, say, sayJson, table, tame } from './output.ts';
import { meant, type Numbered, shortIds, wholeId } from './short-id.ts';

type Waiting = Static<typeof WaitingConfirmation>;
type Options = CommonOptions & {
  readonly as?: string;
  readonly evidence: string;
  readonly checked?: 'all' | number[];
};

/** `signalbox outcomes …`: what waits for a person to confirm that it is done. */
export function outcomesCommands(root: Command): void {
  const group = root
    .command('outcomes')
    .description('Outcomes that wait for a person: list them, confirm them, deny them');
  addCommand(group, 'list', {
    isDefault: true,
    summary: 'Lists what waits for a person’s word, the most urgent first, with its checklist',
    examples: [['signalbox outcomes list', 'what waits for a person’s word']],
  }).action(async (options: CommonOptions) => {
    const page = await waiting(await serverClient(options));
    if (options.json) sayJson(page);
    else
      say(
        page.outcomes.length === 0 ? 'Nothing waits to be confirmed.' : listText(page.outcomes, new Date()),
      );
  });
  decideCommand(group, 'confirm', 'Confirms that it is done: the handoff is proved', [
    'signalbox outcomes confirm 8c2f41/1 --as person:dana --checked all --evidence "Contract 4711 is signed"',
  ]);
  decideCommand(group, 'deny', 'Says that it is not done: it becomes an exception', [
    'signalbox outcomes deny 8c2f41/1 --as person:dana --evidence "No contract under this number"',
  ]);
}

function decideCommand(
  group: Command,
  verb: 'confirm' | 'deny',
  summary: string,
  examples: readonly string[],
): void {
  const command = addCommand(group, `${verb} <id>`, {
    summary,
    examples: examples.map((line) => [line, summary] as const),
  })
    .option('--as <person>', 'who says so: person:<key> (default: SIGNALBOX_ACTOR)')
    .requiredOption('--evidence <text>', 'what was seen, and where');
  if (verb === 'confirm') {
    command.option('--checked <points>', 'the points that were looked at: `all`, or `1,3`', pointsOf);
  }
  command.action(async (id: string, options: Options) => {
    const client = await serverClient(options);
    const { ticketId, seq } = await find(client, id);
    const { evidence, checked = [] } = options;
    const points = checked === 'all' ? await allPoints(client, { ticketId, seq }) : checked;
    const body = { confirm: verb === 'confirm', evidence, ...(verb === 'confirm' && { checked: points }) };
    const outcome = await client.post<Static<typeof Confirmation>>(`/api/outcomes/${ticketId}/${seq}`, body);
    if (options.json) sayJson(outcome);
    else say(`${outcome.state} by ${outcome.decided_by}: ticket ${ticketId}, handoff ${seq}`);
  });
}

function pointsOf(text: string): 'all' | number[] {
  if (text === 'all') return 'all';
  const points = text.split(',').map((part) => Number(part.trim()));
  if (points.every((point) => Number.isInteger(point) && point > 0)) return points;
  throw new InvalidArgumentError('write `all`, or the numbers of points: `1,3`');
}

async function allPoints(client: Client, { ticketId, seq }: Numbered): Promise<number[]> {
  const { outcomes } = await waiting(client);
  const found = outcomes.find((each) => each.ticket_id === ticketId && each.handoff_seq === seq);
  return (found?.checklist ?? []).map((_, index) => index + 1);
}

async function waiting(client: Client) {
  return await client.get<{ outcomes: Waiting[] }>('/api/outcomes');
}

async function find(client: Client, id: string): Promise<Numbered> {
  return wholeId(id) ?? meant((await waiting(client)).outcomes.map(numbered), id, 'outcome that waits');
}

function numbered({ ticket_id: ticketId, handoff_seq: seq }: Waiting): Numbered {
  return { ticketId, seq };
}

function listText(outcomes: readonly Waiting[], now: Date): string {
  const shortId = shortIds(outcomes.map(numbered));
  const rows = outcomes.map((each) => [
    shortId(numbered(each)),
    each.by,
    due(each.due_at, now),
    `${each.handoff} at ${each.destination}`,
    each.checklist.map((point, index) => `${index + 1} ${tame(point)}`).join('; '),
  ]);
  return table(['id', 'waits for', 'due', 'handoff', 'to look at'], rows, paintFor(process.stdout));
}
