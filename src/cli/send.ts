import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { AppError, exitCode } from '../errors.ts';
import type { SignedRequest } from '../intake/request.ts';
import { readSecret } from '../platform/secrets.ts';
import { addressOf, ask, problemFrom } from './client.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import { paintFor, say, sayJson, tame } from './output.ts';
import { readPayload } from './payload-file.ts';

type Options = CommonOptions & {
  readonly url?: string;
  readonly contentType: string;
  readonly privateKey?: string;
};

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
    .option('--private-key <file>', 'the key (PEM) to sign with, for a source whose secret is a public key')
    .action(async (source: string, payload: string, options: Options) => {
      const body = await readPayload(payload);
      const root = projectRoot(options);
      const { url, headers, body: signed } = await signedBySource(root, source, body, options);
      const base = options.url?.replace(/\/+$/, '') ?? (await addressOf(root, process.env)).url;
      const response = await ask(`${base}/in/${encodeURIComponent(source)}${new URL(url).search}`, {
        method: 'POST',
        headers,
        body: new Uint8Array(signed),
      });
      const answer: unknown = await response.json().catch(() => null);
      const refusal = response.ok ? null : problemFrom(response.status, answer, base);
      if (refusal !== null && !options.json) throw refusal;
      if (refusal !== null) process.exitCode = exitCode(refusal.code);
      if (options.json) sayJson({ status: response.status, answer });
      else say(sentence(answer as Answer));
    });
}

/** The request with which the source would prove itself, from the project's own secrets. */
async function signedBySource(
  root: string,
  key: string,
  body: Buffer,
  { contentType, privateKey }: Options,
): Promise<SignedRequest> {
  const { named, soundProject } = await import('./project.ts');
  const { signedAs } = await import('../intake/sign.ts');
  const { verify, publicUrl } = named((await soundProject(root)).sources, 'source', key);
  if (verify === null) {
    throw new AppError('unprocessable', `The source ${key} is asked for its triggers and sends none.`, {
      help: `\`signalbox poll ${key}\` asks it now.`,
    });
  }
  const url = publicUrl ?? `http://localhost/in/${key}`;
  const headers = { 'content-type': contentType };
  const bare = { method: 'POST', url, headers, body, address: null };
  if (verify.scheme === 'none') return bare;
  const [secret = ''] =
    privateKey === undefined
      ? verify.secrets.flatMap((ref) => readSecret(ref, process.env, root))
      : readSecret({ file: privateKey }, process.env, process.cwd());
  return signedAs(verify, bare, secret, new Date(), `msg_${randomUUID()}`);
}

/** What the intake answers to a trigger that it took. */
interface Answer {
  readonly ticket: string;
  readonly state?: string;
  readonly decision: {
    readonly kind: 'routed' | 'stopped' | 'joined' | 'revised';
    readonly route?: string | null;
    readonly confidence?: number | null;
    readonly exception?: { readonly mode: string; readonly summary: string } | null;
  };
}

function sentence({ ticket, state, decision }: Answer): string {
  const paint = paintFor(process.stdout);
  const { kind, route, confidence, exception } = decision;
  switch (kind) {
    case 'joined':
      return `${paint('good', '=')} ticket ${ticket}  joined: the same thing came before`;
    case 'revised':
      return `${paint('good', '↻')} ticket ${ticket}  has taken the newer content, now in ${state}`;
    case 'routed':
      return `${paint('good', '✔')} ticket ${ticket}  routed to ${route} with confidence ${confidence}, now in ${state}`;
    case 'stopped':
      return `${paint('warn', '!')} ticket ${ticket}  ${exception?.mode}: ${tame(exception?.summary ?? '')}`;
  }
}
