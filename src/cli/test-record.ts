import { basename, dirname, resolve } from 'node:path';
import type { Trigger } from '../decision.ts';
import { AppError } from '../errors.ts';
import type { RecordedTrigger } from '../ticket/recorded/recorded.ts';
import { type RecordedCase, type Recording, recordedCase } from '../workflow/cases/record.ts';
import { type Address, addressOf } from './client.ts';
import { say, sayJson } from './output.ts';
import { soundProject, workflowNamed } from './project.ts';
import { recordedTriggers } from './recorded-triggers.ts';
import type { TestCommandOptions } from './test.ts';
import { writeNew } from './write-new.ts';

/** `signalbox test --record`: makes a case of a ticket of the server, without its personal values. */
export async function recordCase(
  folder: string,
  ticket: string,
  { out, json }: TestCommandOptions,
): Promise<void> {
  const project = await soundProject(folder);
  const address = await addressOf(folder, process.env);
  const recorded = await recordedOf(address, ticket);
  const workflow = workflowNamed(project, recorded.workflow);
  const { first_ticket: firstTicket } = recorded.decided;
  const first = firstTicket === null ? null : recordingOf(await recordedOf(address, firstTicket));
  const made = recordedCase(workflow, recordingOf(recorded), first);
  if (made === null) {
    throw new AppError('unprocessable', `Ticket ${ticket} is decided otherwise once it stands in a case.`, {
      help: 'Save its payload (`GET /api/tickets/{id}/payload`) and write the case by hand, with `body` and `content_type`.',
    });
  }
  if (out !== undefined) {
    const file = resolve(out);
    const help = 'Name another file, or delete that one.';
    await writeNew(dirname(file), { [basename(file)]: made.text }, help);
  }
  if (json === true) return sayJson({ ...made, file: out ?? null });
  if (out === undefined) say(made.text.trimEnd());
  process.stderr.write(`${notes(made, recorded, out).join('\n')}\n`);
}

async function recordedOf(address: Address, ticket: string): Promise<RecordedTrigger> {
  for await (const trigger of recordedTriggers(address, { ticket })) return trigger;
  throw new AppError('not_found', `No trigger is recorded for ticket ${ticket}.`, {
    help: 'Name a ticket by its whole id, as `signalbox ticket` shows it.',
  });
}

function recordingOf({
  ticket,
  source,
  content_type,
  headers,
  body,
  part,
  received_at,
}: RecordedTrigger): Recording {
  if (body === null) {
    throw new AppError('unprocessable', `The payload of ticket ${ticket} was erased.`, {
      help: 'A case needs the payload: record another ticket of the same kind.',
    });
  }
  const sent = { source, contentType: content_type, headers, body: Buffer.from(body, 'base64') };
  const trigger: Trigger = part === null ? sent : { ...sent, part };
  return { ticket, trigger, receivedAt: new Date(received_at) };
}

function notes(
  { replaced, kept, state }: RecordedCase,
  { decided }: RecordedTrigger,
  out: string | undefined,
): string[] {
  const still = 'it is still decided the same';
  return [
    `Replaced ${replaced.length === 1 ? '1 value' : `${replaced.length} values`}, and ${still}.`,
    ...(kept.length === 0
      ? []
      : [
          `Kept as they are, for the decision depends on them: ${kept.join(', ')}. Look at them before you share the case.`,
        ]),
    ...(state === decided.state
      ? []
      : [
          `When it came it went to ${decided.state}; the files on disk decide ${String(state)}, which the case expects.`,
        ]),
    ...(out === undefined ? [] : [`Wrote ${out}.`]),
  ];
}
