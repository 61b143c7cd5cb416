import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { limits } from '../../limits.ts';
import type { AttemptOutcome } from '../handoff.ts';
import { addressOf } from './address.ts';
import { withoutSecrets } from './credentials.ts';
import { trusted } from './exchange.ts';
import type { Sending } from './http.ts';
import { broken, notSent, silent, taken } from './outcome.ts';

/** A mail as a handoff's body has it: `operations.ts` says what must be there. */
interface Mail {
  readonly to: string | string[];
  readonly cc?: string | string[];
  readonly bcc?: string | string[];
  readonly reply_to?: string;
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
}

/**
 * Hands a mail to the destination's SMTP server. Its Message-ID is made from the idempotency key, so that a repeated one
 * is known as such. TLS: from the start with `smtps`, by STARTTLS with `smtp`, without which no password is sent.
 * Accepted means that the server took it; whether it was delivered, no server says here.
 */
export async function sendMail(sending: Sending): Promise<AttemptOutcome> {
  const { destination, request, idempotencyKey, secret } = sending;
  const from = destination.from ?? '';
  const messageId = `<${idempotencyKey ?? 'none'}@${domainOf(from)}>`;
  const mail = request.body as Mail;
  const { reply_to: replyTo, ...parts } = mail;
  const composed = new MailComposer({
    ...parts,
    from,
    ...(replyTo !== undefined && { replyTo }),
    messageId,
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const envelope = composed.getEnvelope();
  const step = { now: 'connecting' as Step };
  const host = new URL(destination.url).host;
  let connection: SMTPConnection | null = null;
  try {
    const message = await composed.build();
    connection = await connectionTo(sending);
    const session = sessionOf(connection, sending);
    await session((done) => connection?.connect(done));
    step.now = 'proving';
    const { auth } = destination;
    if (auth.scheme === 'basic') {
      await session((done) => connection?.login({ user: auth.username, pass: secret ?? '' }, done));
    }
    step.now = 'sending';
    const info = await session<Sent>((done) => connection?.send(envelope, message, done));
    const answer = withoutSecrets(info.response ?? '', secret === null ? [] : [secret]);
    const body = {
      message_id: messageId,
      accepted: info.accepted ?? [],
      rejected: info.rejected ?? [],
      answer,
    };
    return taken(`${destination.key} took the mail`, body);
  } catch (error) {
    return failed(destination.key, host, error, step.now, sending.timeoutMs, secret);
  } finally {
    connection?.close();
  }
}

type Step = 'connecting' | 'proving' | 'sending';

interface Sent {
  readonly accepted?: string[];
  readonly rejected?: string[];
  readonly response?: string;
}

async function connectionTo({ destination, secret, ca = [], timeoutMs }: Sending): Promise<SMTPConnection> {
  const url = new URL(destination.url);
  const secure = url.protocol === 'smtps:';
  const { connectMs, headersMs } = destination.timeouts;
  return new SMTPConnection({
    host: await addressOf(url.hostname, destination.allowPrivate),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && secret !== null,
    servername: url.hostname,
    tls: { servername: url.hostname, rejectUnauthorized: true, ...(ca.length > 0 && { ca: trusted(ca) }) },
    connectionTimeout: connectMs,
    greetingTimeout: headersMs,
    socketTimeout: timeoutMs,
    dnsTimeout: connectMs,
    maxResponseSize: limits.responseBytesMax,
  });
}

/** Runs one step of a session: it ends with its callback, an error of the connection, the attempt's time, or its signal. */
function sessionOf(connection: SMTPConnection, { timeoutMs, signal }: Sending) {
  const timeout = AbortSignal.timeout(timeoutMs);
  const ended = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  return <T>(run: (done: (error?: Error | null, result?: T) => void) => void): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const fail = (error: Error) => reject(error);
      const abort = () => reject(ended.reason);
      // What has ended before this step is told to nobody who listens from now on.
      if (ended.aborted) return abort();
      connection.once('error', fail);
      ended.addEventListener('abort', abort, { once: true });
      run((error, result) => {
        connection.off('error', fail);
        ended.removeEventListener('abort', abort);
        // One that is late has somebody who listens.
        connection.on('error', () => {});
        if (error == null) resolve(result as T);
        else reject(error);
      });
    });
}

/** What the server said decides; where it said nothing, whether the mail was on its way. */
function failed(
  destination: string,
  host: string,
  error: unknown,
  step: Step,
  timeoutMs: number,
  secret: string | null,
): AttemptOutcome {
  const {
    responseCode: code,
    response,
    code: kind,
  } = error as { responseCode?: number; response?: string; code?: string };
  const text = response === undefined ? undefined : withoutSecrets(response, secret === null ? [] : [secret]);
  if (kind === 'EAUTH') {
    return {
      ...notSent(`The credential of ${destination} is refused by its mail server (${code ?? 'no answer'})`, {
        final: (code ?? 0) >= 500,
      }),
      ...(text && { excerpt: text }),
    };
  }
  if (code !== undefined && code >= 500)
    return silent('rejected', `${destination} refused the mail (${code})`, text);
  if (code !== undefined && code >= 400)
    return silent('not_sent', `${destination} does not take the mail now (${code})`, text);
  if (step === 'connecting' && (kind === 'ETLS' || /certificate|altnames|TLS|SSL/i.test(String(error)))) {
    return notSent(`${destination} gives no connection with TLS that can be trusted at ${host}`);
  }
  if (kind === 'EENVELOPE' || kind === 'EMESSAGE')
    return silent('rejected', `${destination} cannot be given this mail: an address of it is none`);
  return broken(destination, host, error, { sent: step === 'sending', timeoutMs });
}

function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'signalbox.invalid';
}
