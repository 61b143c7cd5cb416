import type { Command } from 'commander';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { paintFor, say, sayJson } from './output.ts';
import { readPayload } from './payload-file.ts';

type Options = CommonOptions & { readonly contentType: string; readonly header: readonly string[] };

/** `signalbox explain`: what would become of a payload, and why; no server, nothing is sent or kept. */
export function explainCommand(root: Command): void {
  addCommand(root, 'explain <workflow> <payload>', {
    summary:
      'Decides what would become of a payload, rung by rung, without a server; nothing is sent or kept',
    examples: [
      ['signalbox explain paid-lead-to-pm lead.json', 'the ladder with its reasons'],
      ['curl -s … | signalbox explain paid-lead-to-pm -', 'reads standard input'],
      ['signalbox explain paid-lead-to-pm lead.json --json', 'the whole decision'],
    ],
  })
    .option('--content-type <type>', 'what the payload is', 'application/json')
    .option('--header <name: value>', 'a header that expressions see; repeatable', collect, [])
    .action(async (name: string, payload: string, options: Options) => {
      const { soundProject, workflowNamed } = await import('./project.ts');
      const { decide } = await import('../decide.ts');
      const { splitDelivery } = await import('../intake/split.ts');
      const { decisionText } = await import('./decision-text.ts');
      const workflow = workflowNamed(await soundProject(projectRoot(options)), name);
      const trigger = {
        source: workflow.trigger.source,
        contentType: options.contentType,
        headers: headersFrom(options.header),
        body: await readPayload(payload),
      };
      const split = splitDelivery(workflow.trigger, trigger);
      const triggers = split.kind === 'parts' ? split.parts : [trigger];
      const now = new Date();
      const decisions = triggers.map((each) =>
        decide(workflow, each, { holder: null, rerouteTo: null }, now),
      );
      if (options.json) sayJson(split.kind === 'parts' ? decisions : decisions[0]);
      else if (decisions.length === 0) say('The delivery holds no triggers: nothing would be stored.');
      for (const [index, decision] of options.json ? [] : decisions.entries()) {
        if (split.kind === 'parts') say(`Trigger ${index + 1} of ${decisions.length}`);
        say(decisionText(workflow, decision, paintFor(process.stdout)));
      }
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
