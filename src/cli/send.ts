import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { AppError, exitCode } from '../errors.ts';
import { addressOf, ask } from './client.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { paintFor, say, sayJson, tame } from './output.ts';
import { readPayload } from './payload-file.ts';

type Options = CommonOptions & { readonly url?: string; readonly contentType: string };

/** `signalbox send`: posts a payload as its source would, signed. */
export function sendCommand(root: Command): void {
  addCommand(root, 'send <source> <payload>', {
    summary: 'Posts a payload to a source’s address, signed as the source does',
    examples: [
      ['signalbox send landing-page lead.json', 'to the project’s running server'],
      ['signalbox send landing-page - < lead.json', 'reads standard input'],
      ['signalbox send landing-page lead.json --url https://box.example.com', 'to any server'],
    ],
  })
    .option('--url <url>', 'the server (default: the project’s own)')
    .option('--content-type <type>', 'what the payload is', 'application/json')
    .action(async (source: string, payload: string, options: Options) => {
      const body = await readPayload(payload);
      const root = projectRoot(options);
      const signature = await signatureOf(root, source, body);
      const base = options.url?.replace(/\/+$/, '') ?? (await addressOf(root, process.env)).url;
      const response = await ask(`${base}/in/${encodeURIComponent(source)}`, {
        method: 'POST',
        headers: { 'content-type': options.contentType, ...signature },
        body: new Uint8Array(body),
      });
      const answer = (await response.json().catch(() => ({}))) as Answer;
      if (!response.ok && !options.json) throw refusal(response.status, answer);
      if (!response.ok) process.exitCode = exitCode(codeOf(response.status));
      if (options.json) sayJson({ status: response.status, ...answer });
      else say(sentence(answer));
    });
}

/** The headers with which the source would prove itself, from the project's own secrets. */
async function signatureOf(root: string, source: string, body: Buffer): Promise<Record<string, string>> {
  const { named, soundProject } = await import('./project.ts');
  const { signRequest } = await import('../intake/signature.ts');
  const { verify } = named((await soundProject(root)).sources, 'source', source);
  if (verify.scheme === 'none') return {};
  const [secret = ''] = verify.secrets.flatMap((ref) => readSecret(ref, process.env, root));
  return signRequest(verify, body, secret, new Date(), `msg_${randomUUID()}`);
}
