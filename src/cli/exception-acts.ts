import { Argument, type Command } from 'commander';
import { AppError } from '../errors.ts';
import { serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { type ExceptionJson, pathOf, show } from './exception-client.ts';
import { payloadIn, readPayload } from './payload-file.ts';

type Options = CommonOptions & { readonly as?: string };

/** What is posted to an exception's acts. */
type ActBody = Readonly<Record<string, unknown>>;

/** `signalbox exceptions claim, release, note, tick, waive, resolve`. */
export function actCommands(group: Command): void {
  actCommand(
    group,
    'claim <id>',
    'Takes an exception: yours until you resolve it, release it or leave it lying',
    [['signalbox exceptions claim 8c2f41 --as person:dana', 'Dana has it']],
  ).action(async (id: string, options: Options) => await perform(id, { act: 'claim' }, options));

  actCommand(group, 'release <id>', 'Gives a claimed exception back to the queue', [
    ['signalbox exceptions release 8c2f41 --as person:dana', 'somebody else may take it'],
  ]).action(async (id: string, options: Options) => await perform(id, { act: 'release' }, options));

  actCommand(group, 'note <id> <text>', 'Notes what was found or done; work renews a claim', [
    ['signalbox exceptions note 8c2f41 "Asked the sender" --as person:dana', 'the record keeps it'],
  ]).action(
    async (id: string, text: string, options: Options) => await perform(id, { act: 'note', text }, options),
  );

  actCommand(group, 'tick <id> <point>', 'Ticks a point of the checklist, counted from 1', [
    ['signalbox exceptions tick 8c2f41 2 --as person:dana', 'the second point is done'],
  ]).action(
    async (id: string, point: string, options: Options) =>
      await perform(id, { act: 'tick', index: indexOf(point) }, options),
  );

  actCommand(group, 'waive <id> <point> <reason>', 'Waives a point of the checklist, with a reason', [
    ['signalbox exceptions waive 8c2f41 3 "The form is ours" --as person:dana', 'the third does not apply'],
  ]).action(
    async (id: string, point: string, reason: string, options: Options) =>
      await perform(id, { act: 'waive', index: indexOf(point), reason }, options),
  );

  resolveCommand(group);
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
  const how = new Argument('<how>', 'how it is settled');
  const line = 'signalbox exceptions resolve 8c2f41';
  actCommand(group, 'resolve <id>', 'Resolves a claimed exception, once its checklist is ticked or waived', [
    [`${line} replay --payload fixed.json --root-cause sender-changed-form`, 'decides it again'],
    [`${line} reroute --to team:web --root-cause mapping-wrong`, 'says where it belongs'],
    [`${line} retry --root-cause destination-down`, 'promises the handoff anew'],
    [`${line} confirm --evidence "Project 42" --root-cause human-error`, 'it was done by hand'],
    [`${line} discard --reason "A test lead" --root-cause human-error`, 'nothing is to be done'],
  ])
    .addArgument(how.choices(['replay', 'reroute', 'retry', 'confirm', 'discard']))
    .requiredOption('--root-cause <label>', 'one of the workflow’s root causes')
    .option('--note <text>', 'what others should know')
    .option('--payload <file>', 'replay: the repaired payload, JSON (- reads standard input)')
    .option('--to <ref>', 'reroute: person:<key> or team:<key>')
    .option('--evidence <text>', 'confirm: how one can see that it was done')
    .option('--reason <text>', 'discard: why nothing is to be done')
    .action(async (id: string, resolution: string, options: ResolveOptions) => {
      await perform(id, await resolutionBody(resolution, options), options);
    });
}

/** What a resolution needs beside its root cause, and the option that says it. */
const needs: Readonly<Record<string, 'to' | 'evidence' | 'reason'>> = {
  reroute: 'to',
  confirm: 'evidence',
  discard: 'reason',
};

async function resolutionBody(resolution: string, options: ResolveOptions): Promise<ActBody> {
  const { rootCause, note, payload } = options;
  const need = needs[resolution];
  if (need !== undefined && options[need] === undefined) {
    throw new AppError('bad_request', `\`resolve … ${resolution}\` needs --${need}.`, {
      help: '`signalbox exceptions resolve --help` has examples.',
    });
  }
  if (payload !== undefined && resolution !== 'replay') {
    throw new AppError('bad_request', `--payload goes with \`replay\`, not with \`${resolution}\`.`);
  }
  return {
    act: 'resolve',
    resolution,
    root_cause: rootCause,
    ...(note !== undefined && { note }),
    ...(need !== undefined && { [need]: options[need] }),
    ...(payload !== undefined && { payload: payloadIn(await readPayload(payload), payload) }),
  };
}

function actCommand(
  group: Command,
  name: string,
  summary: string,
  examples: readonly (readonly [line: string, does: string])[],
): Command {
  const command = addCommand(group, name, { summary, examples });
  return command.option('--as <person>', 'who acts: person:<key> (default: SIGNALBOX_ACTOR)');
}

/** Does it, and shows the exception as it then stands. */
async function perform(id: string, body: ActBody, options: Options): Promise<void> {
  const client = await serverClient(options);
  show(await client.post<ExceptionJson>(`${await pathOf(client, id)}/acts`, body), options);
}

function indexOf(point: string): number {
  const number = Number(point);
  if (Number.isInteger(number) && number >= 1) return number - 1;
  throw new AppError('bad_request', `"${point}" is no point of a checklist.`, {
    help: 'Points are counted from 1.',
  });
}
