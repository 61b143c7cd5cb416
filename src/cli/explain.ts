import type { Command } from 'commander';
import type { TicketExplanation } from '../api/explanation.ts';
import type { Facts, Trigger } from '../decision.ts';
import { AppError } from '../errors.ts';
import type { RecordedTrigger } from '../ticket/recorded/recorded.ts';
import type { CompiledWorkflow } from '../workflow/workflow.ts';
import { addressOf, serverClient } from './client.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { dayAndTime } from './moments.ts';
import { type Paint, paintFor, say, sayJson, tame } from './output.ts';
import { readPayload } from './payload-file.ts';

type Options = CommonOptions & { readonly contentType: string; readonly header: readonly string[] };

/** `signalbox explain`: why a payload would go, or a ticket did go, where it goes. Nothing is sent or kept. */
export function explainCommand(root: Command): void {
  addCommand(root, 'explain <workflow> [payload]', {
    summary:
      'Says why a payload would go, or a ticket went, where it goes: every rule with the values it saw, and what would change the answer',
    examples: [
      ['signalbox explain paid-lead-to-pm lead.json', 'a payload, under the files on disk; needs no server'],
      ['curl -s … | signalbox explain paid-lead-to-pm -', 'reads standard input'],
      ['signalbox explain 0199f0c4-7a12-7bcd-8e21-5a3b9c8d2f41', 'a ticket, as it was decided'],
      [
        'signalbox explain paid-lead-to-pm 0199f0c4-…-5a3b9c8d2f41',
        'a ticket’s first payload, under the files on disk',
      ],
      ['signalbox explain paid-lead-to-pm lead.json --json', 'everything, with the whole decision'],
    ],
  })
    .option('--content-type <type>', 'what the payload is', 'application/json')
    .option('--header <name: value>', 'a header that expressions see; repeatable', collect, [])
    .action(async (name: string, payload: string | undefined, options: Options) => {
      if (payload === undefined && isTicket(name)) return await explainTicket(name, options);
      if (payload === undefined) throw missingPayload(name);
      if (isTicket(payload)) return await explainRecorded(name, payload, options);
      return await explainPayload(name, payload, options);
    });
}

/** By the version that it is pinned to; the server has both. */
async function explainTicket(id: string, options: Options): Promise<void> {
  const { explanationLines, outcomeText } = await import('./explanation-text.ts');
  const client = await serverClient(options);
  const found = await client.get<TicketExplanation>(`/api/tickets/${id}/explanation`);
  if (options.json) return sayJson(found);
  const { explanation, decided_at, revision, differs } = found;
  const paint = paintFor(process.stdout);
  const times = revision > 1 ? `, revision ${revision}` : '';
  say(
    `${paint('strong', `Ticket ${id}`)}, decided ${dayAndTime(decided_at)} UTC by ${explanation.workflow} @ ${explanation.version.slice(0, 10)}${times}`,
  );
  say(`  ${outcomeText(explanation.decision, paint)}`);
  for (const { rung, text } of explanation.reasons) say(`  ${paint('dim', rung.padEnd(9))} ${tame(text)}`);
  for (const line of explanationLines(explanation, paint)) say(line);
  sayDiffers('Decided again now, it would not be the same', differs, paint);
}

/** Under the files on disk, as `signalbox plan` decides it, and beside what was decided then. */
async function explainRecorded(name: string, id: string, options: Options): Promise<void> {
  const { recordedTriggers } = await import('./recorded-triggers.ts');
  const { decidedAgain, factsThen, loneTrigger, triggerOf } = await import('../workflow/plan/compare.ts');
  const { movement } = await import('../workflow/plan/movement.ts');
  const { standingAfter, standingThen } = await import('../workflow/plan/standing.ts');
  const workflow = await workflowOf(name, options);
  const address = await addressOf(projectRoot(options), process.env);
  let recorded: RecordedTrigger | null = null;
  for await (const each of recordedTriggers(address, { ticket: id })) recorded = each;
  if (recorded === null) {
    throw new AppError('not_found', `No trigger made ticket ${id}: there is no payload to explain.`);
  }
  if (recorded.body === null) {
    throw new AppError('conflict', `The payload of ticket ${id} was erased.`, {
      help: `\`signalbox ticket ${id}\` tells what the record has of its decision.`,
    });
  }
  const whole = triggerOf(recorded, recorded.body);
  const trigger = loneTrigger(workflow, whole) ?? whole;
  const after = standingAfter(workflow, decidedAgain(workflow, trigger, recorded));
  const differs = movement(standingThen(recorded), after);
  const facts = factsThen(workflow, trigger, recorded);
  await sayExplained(workflow, [trigger], { facts, now: new Date(recorded.received_at), differs }, options);
}

async function explainPayload(name: string, payload: string, options: Options): Promise<void> {
  const { splitDelivery } = await import('../intake/split.ts');
  const workflow = await workflowOf(name, options);
  const trigger = {
    source: workflow.trigger.source,
    contentType: options.contentType,
    headers: headersFrom([`content-type: ${options.contentType}`, ...options.header]),
    body: await readPayload(payload),
  };
  const split = splitDelivery(workflow.trigger, trigger);
  const triggers = split.kind === 'parts' ? split.parts : [trigger];
  if (triggers.length === 0 && !options.json) say('The delivery holds no triggers: nothing would be stored.');
  await sayExplained(
    workflow,
    triggers,
    { facts: { holder: null, rerouteTo: null }, now: new Date() },
    options,
  );
}

interface Setting {
  readonly facts: Facts;
  readonly now: Date;
  /** Beside what was decided then; absent: nothing was. */
  readonly differs?: readonly string[];
}

async function sayExplained(
  workflow: CompiledWorkflow,
  triggers: readonly Trigger[],
  { facts, now, differs }: Setting,
  options: Options,
): Promise<void> {
  const { decide } = await import('../decide.ts');
  const { explained } = await import('../workflow/explanation/explanation.ts');
  const { decisionText } = await import('./decision-text.ts');
  const { explanationLines } = await import('./explanation-text.ts');
  const all = triggers.map((trigger) => ({
    ...decide(workflow, trigger, facts, now),
    explanation: explained(workflow, trigger, facts, now),
    ...(differs !== undefined && { differs }),
  }));
  if (options.json) return sayJson(triggers.length === 1 && triggers[0]?.part === undefined ? all[0] : all);
  const paint = paintFor(process.stdout);
  for (const [index, { explanation, ...decision }] of all.entries()) {
    if (all.length > 1) say(`Trigger ${index + 1} of ${all.length}`);
    say(decisionText(workflow, decision, paint));
    for (const line of explanationLines(explanation, paint)) say(line);
    if (differs !== undefined) sayDiffers('Not as it was decided then', differs, paint);
  }
}

function sayDiffers(title: string, differs: readonly string[], paint: Paint): void {
  say();
  if (differs.length === 0) say(`${paint('good', '✔')} This is what was decided then.`);
  else say(paint('warn', title));
  for (const sentence of differs) say(`  ${tame(sentence)}`);
}

async function workflowOf(name: string, options: Options): Promise<CompiledWorkflow> {
  const { soundProject, workflowNamed } = await import('./project.ts');
  return workflowNamed(await soundProject(projectRoot(options)), name);
}

function isTicket(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

function missingPayload(name: string): AppError {
  return new AppError('bad_request', "missing required argument 'payload'", {
    help: `Write \`signalbox explain ${name} <file>\`, or \`signalbox explain <ticket>\` with a ticket's whole id.`,
  });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function headersFrom(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...rest] = line.split(':');
      return [name.trim().toLowerCase(), rest.join(':').trim()];
    }),
  );
}
