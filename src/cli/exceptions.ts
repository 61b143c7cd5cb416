import { Argument, type Command } from 'commander';
import type { Static } from 'typebox';
import type { Exception } from '../api/exceptions.ts';
import { AppError } from '../errors.ts';
import { type Client, serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { exceptionText } from './exception-text.ts';
import { due } from './moments.ts';
import { paintFor, say, sayJson, table } from './output.ts';
import { parseJson, readPayload } from './payload-file.ts';

type ExceptionJson = Static<typeof Exception>;
type Options = CommonOptions & { readonly as?: string };

const idHelp = '<ticket>/<seq>, or the end of the ticket’s id as `exceptions list` shows it';

/** `signalbox exceptions …`: the queue, and what people do to it. */
export function exceptionsCommands(root: Command): void {
  const group = root
    .command('exceptions')
    .description('What a person must settle: list it, claim it, resolve it');
  listCommand(group);
  showCommand(group);
  for (const act of [
    ['claim', 'Takes an exception: it is yours until you resolve it, release it or stop working on it'],
    ['release', 'Gives a claimed exception back to the queue'],
  ] as const) {
    actCommand(group, `${act[0]} <id>`, act[1], [
      `signalbox exceptions ${act[0]} 8c2f41 --as person:dana`,
      act[1],
    ]).action(
      async (id: string, options: Options) => await perform(id, options, async () => ({ act: act[0] })),
    );
  }
  noteCommand(group);
  checklistCommands(group);
  resolveCommand(group);
}

function listCommand(group: Command): void {
  addCommand(group, 'list', {
    isDefault: true,
    summary: 'Lists exceptions, the longest open first',
    examples: [
      ['signalbox exceptions list', 'what is open or claimed'],
      [
        'signalbox exceptions list --queue triage --on team:growth',
        'what routing was not sure of, on one team',
      ],
      ['signalbox exceptions list --state resolved --json', 'what was settled, as JSON'],
    ],
  })
    .option('--state <state>', 'open, claimed, resolved or unresolved')
    .option('--queue <queue>', 'triage or exception')
    .option('--mode <mode>', 'a failure mode: contract_violation, contradicted, …')
    .option('--on <ref>', 'whom it is on now: person:<key> or team:<key>')
    .option('--workflow <name>', 'of one workflow')
    .option('--limit <rows>', 'at most so many', '50')
    .action(async (options: CommonOptions & Record<string, string | undefined>) => {
      const { json, project, on, ...filter } = options;
      const client = await serverClient({ ...(project === undefined ? {} : { project }) });
      const page = await listed(client, { ...filter, responsible: on });
      if (json !== undefined) return sayJson(page);
      if (page.exceptions.length === 0) return say('No exceptions.');
      say(listText(page.exceptions, new Date()));
      if (page.next !== null) say(`More: --limit ${Number(filter.limit) * 2}`);
    });
}

function showCommand(group: Command): void {
  addCommand(group, 'show <id>', {
    summary: `Shows one exception; its id is ${idHelp}`,
    examples: [['signalbox exceptions show 8c2f41', 'what is wrong, whom it is on, and what to do']],
  }).action(async (id: string, options: CommonOptions) => {
    const client = await serverClient(options);
    const exception = await client.get<ExceptionJson>(pathOf(await resolveId(client, id)));
    show(exception, options);
  });
}

function noteCommand(group: Command): void {
  actCommand(group, 'note <id> <text>', 'Notes what was found or done; work renews a claim', [
    'signalbox exceptions note 8c2f41 "Asked Meta" --as person:dana',
    'adds a note to the record',
  ]).action(async (id: string, text: string, options: Options) => {
    await perform(id, options, async () => ({ act: 'note', text }));
  });
}

function checklistCommands(group: Command): void {
  actCommand(group, 'tick <id> <point>', 'Ticks a point of the checklist, counted from 1', [
    'signalbox exceptions tick 8c2f41 2 --as person:dana',
    'the second point is done',
  ]).action(async (id: string, point: string, options: Options) => {
    await perform(id, options, async () => ({ act: 'tick', index: indexOf(point) }));
  });
  actCommand(group, 'waive <id> <point> <reason>', 'Waives a point of the checklist, with a reason', [
    'signalbox exceptions waive 8c2f41 3 "The form is ours" --as person:dana',
    'the third point does not apply',
  ]).action(async (id: string, point: string, reason: string, options: Options) => {
    await perform(id, options, async () => ({ act: 'waive', index: indexOf(point), reason }));
  });
}

interface ResolveOptions extends Options {
  readonly rootCause: string;
  readonly note?: string;
  readonly payload?: string;
  readonly to?: string;
  readonly evidence?: string;
  readonly reason?: string;
}

function resolveCommand(group: Command): void {
  actCommand(
    group,
    'resolve <id>',
    'Resolves a claimed exception, once its checklist is ticked or waived',
    [
      'signalbox exceptions resolve 8c2f41 replay --payload fixed.json --root-cause sender-changed-form',
      'decides it again',
    ],
    [
      'signalbox exceptions resolve 8c2f41 reroute --to team:web --root-cause mapping-wrong',
      'says where it belongs',
    ],
    ['signalbox exceptions resolve 8c2f41 retry --root-cause destination-down', 'promises the handoff anew'],
    [
      'signalbox exceptions resolve 8c2f41 confirm --evidence "Project 42" --root-cause human-error',
      'it was done by hand',
    ],
    [
      'signalbox exceptions resolve 8c2f41 discard --reason "A test lead" --root-cause human-error',
      'nothing is to be done',
    ],
  )
    .addArgument(
      new Argument('<how>', 'how it is settled').choices([
        'replay',
        'reroute',
        'retry',
        'confirm',
        'discard',
      ]),
    )
    .requiredOption('--root-cause <label>', 'one of the workflow’s root causes')
    .option('--note <text>', 'what others should know')
    .option('--payload <file>', 'replay: the repaired payload, JSON (- reads standard input)')
    .option('--to <ref>', 'reroute: person:<key> or team:<key>')
    .option('--evidence <text>', 'confirm: how one can see that it was done')
    .option('--reason <text>', 'discard: why nothing is to be done')
    .action(async (id: string, how: string, options: ResolveOptions) => {
      await perform(id, options, async () => await resolution(how, options));
    });
}

/** What a resolution needs beside its root cause, and the option that says it. */
const needs: Readonly<Record<string, 'to' | 'evidence' | 'reason'>> = {
  reroute: 'to',
  confirm: 'evidence',
  discard: 'reason',
};

async function resolution(how: string, options: ResolveOptions): Promise<Record<string, unknown>> {
  const { rootCause, note, payload } = options;
  const need = needs[how];
  if (need !== undefined && options[need] === undefined) {
    throw new AppError('bad_request', `\`resolve … ${how}\` needs --${need}.`, {
      help: '`signalbox exceptions resolve --help` has examples.',
    });
  }
  return {
    act: 'resolve',
    resolution: how,
    root_cause: rootCause,
    ...(note === undefined ? {} : { note }),
    ...(need === undefined ? {} : { [need]: options[need] }),
    ...(payload === undefined || how !== 'replay'
      ? {}
      : { payload: parseJson(await readPayload(payload), payload) }),
  };
}

function actCommand(
  group: Command,
  name: string,
  summary: string,
  ...examples: [line: string, does: string][]
): Command {
  return addCommand(group, name, { summary, examples }).option(
    '--as <person>',
    'who acts: person:<key> (default: SIGNALBOX_ACTOR)',
  );
}

async function perform(
  id: string,
  options: Options,
  act: () => Promise<Record<string, unknown>>,
): Promise<void> {
  const body = await act();
  const client = await serverClient(options);
  const path = pathOf(await resolveId(client, id));
  show(await client.post<ExceptionJson>(`${path}/acts`, body), options);
}

function show(exception: ExceptionJson, options: CommonOptions): void {
  if (options.json) sayJson(exception);
  else say(exceptionText(exception, new Date(), paintFor(process.stdout)));
}

function indexOf(point: string): number {
  const number = Number(point);
  if (Number.isInteger(number) && number >= 1) return number - 1;
  throw new AppError('bad_request', `"${point}" is no point of a checklist.`, {
    help: 'Points are counted from 1.',
  });
}

async function listed(client: Client, filter: Record<string, string | undefined>) {
  const given = Object.entries(filter).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const query = new URLSearchParams(given);
  return await client.get<{ exceptions: ExceptionJson[]; next: string | null }>(`/api/exceptions?${query}`);
}

interface ExceptionId {
  readonly ticketId: string;
  readonly seq: number;
}

function pathOf({ ticketId, seq }: ExceptionId): string {
  return `/api/exceptions/${ticketId}/${seq}`;
}

/** Finds the exception that an id means: whole, or by the end of the ticket's id among the unresolved ones. */
async function resolveId(client: Client, id: string): Promise<ExceptionId> {
  const [ticket = '', seq] = id.split('/');
  if (seq !== undefined && /^[0-9a-f-]{36}$/i.test(ticket)) return { ticketId: ticket, seq: Number(seq) };
  const { exceptions } = await listed(client, { limit: '500' });
  const found = exceptions.filter(
    (each) =>
      each.ticket_id.endsWith(ticket.toLowerCase()) && (seq === undefined || String(each.seq) === seq),
  );
  const [only, ...others] = found;
  if (only === undefined || ticket === '') {
    throw new AppError('not_found', `No unresolved exception is called "${id}".`, {
      help: '`signalbox exceptions list` shows their ids; a resolved one needs its whole id, <ticket>/<seq>.',
    });
  }
  if (others.length === 0) return { ticketId: only.ticket_id, seq: only.seq };
  const candidates = found.map((each) => `${each.ticket_id}/${each.seq}`).join(', ');
  throw new AppError('bad_request', `"${id}" could be ${candidates}.`, {
    help: 'Give more of its end, or /<seq>.',
  });
}

/** The shortest ends, six letters or more, that tell all these tickets apart. */
function idLength(exceptions: readonly ExceptionJson[]): number {
  const ids = [...new Set(exceptions.map((each) => each.ticket_id))];
  for (let length = 6; length < 36; length += 1) {
    if (new Set(ids.map((id) => id.slice(-length))).size === ids.length) return length;
  }
  return 36;
}

function listText(exceptions: readonly ExceptionJson[], now: Date): string {
  const length = idLength(exceptions);
  const rows = exceptions.map((each) => [
    `${each.ticket_id.slice(-length)}/${each.seq}`,
    each.mode,
    each.claimed_by ?? each.responsible,
    each.state,
    due(each.due_at, now),
    each.summary,
  ]);
  return table(['id', 'mode', 'on', 'state', 'due', 'what is wrong'], rows, paintFor(process.stdout));
}
