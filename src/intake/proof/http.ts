import type { FastifyReply, FastifyRequest } from 'fastify';
import { sha256 } from '../../audit/encoding.ts';
import { claimRequests } from '../../dedupe/request/store.ts';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import type { Shell } from '../../shell.ts';
import type { SecretRef, Sender } from '../../workflow/project.ts';
import { certificateFor } from '../certificate/worker.ts';
import { answerChallenge, isChallenge } from '../challenge.ts';
import { plainHeaders } from '../headers.ts';
import { createBuckets, perMinute } from '../rate-limit.ts';
import { countStranger } from '../rates/http.ts';
import type { SignedRequest } from '../request.ts';
import { kindOf, takesTime } from '../schemes.ts';
import { type Authenticity, type RefusalReason, refused, verifyRequest } from '../signature.ts';
import { verifyToken } from '../token/worker.ts';
import { visit } from '../visit/worker.ts';

/** A request as it was sent. */
export interface Sent extends SignedRequest {
  readonly body: Buffer;
}

type ProofShell = Pick<Shell, 'clock' | 'db' | 'log' | 'secrets'>;

/** A request as it was sent, with the address that its sender called. */
export function sentRequest(request: FastifyRequest, source: Sender, body: Buffer): Sent {
  const { url, method, socket } = request.raw;
  return {
    method: method ?? '',
    url: calledUrl(url ?? '', source.publicUrl),
    headers: plainHeaders(request.headers),
    body,
    address: socket.remoteAddress ?? null,
  };
}

function calledUrl(url: string, publicUrl: string | null): string {
  const query = url.indexOf('?');
  return publicUrl === null ? url : `${publicUrl}${query === -1 ? '' : url.slice(query)}`;
}

/**
 * The headers that must not be kept with the trigger.
 * Throws AppError where the request does not prove that the source sent it, or takes its id from another request.
 */
export async function authenticate(
  shell: ProofShell,
  source: Sender,
  sent: Sent,
  request: FastifyRequest,
): Promise<readonly string[]> {
  // Most are proved at once; whose keys are fetched, or who send tokens, wait.
  const found = takesTime(source.verify)
    ? await provedInTime(shell, source, sent)
    : verified(shell, source, sent);
  const proof = found.authentic && !(await isFirstUse(shell, source, sent, found)) ? replayed : found;
  if (proof.authentic) return proof.secretHeaders;
  const { reason, message } = proof;
  // That we have no key is no fault of the sender: it is told to come again, not that it is a stranger.
  if (reason === 'no_secret') throw unusableSecret(shell, source, message);
  refuse(shell, source, request, reason);
  throw new AppError('unauthenticated', message, {
    help: `This source proves itself by ${source.verify.scheme}; \`signalbox send\` shows how with the same secret.`,
    details: { reason },
  });
}

/**
 * Answers a handshake, and says whether it was one. Its answer is plain text or JSON, never anything that a browser runs.
 * Throws AppError where it is one, and not as it should be.
 */
export async function answersHandshake(
  shell: ProofShell,
  source: Sender,
  sent: Sent,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<boolean> {
  if (source.challenge === null || !isChallenge(source.challenge.challenge, sent)) return false;
  const { challenge, secrets } = source.challenge;
  if (challenge.signed) await authenticate(shell, source, sent, request);
  const visited = challenge.visit === null ? null : await visit(shell, challenge.visit, sent);
  const answer = visited?.refusal ?? answerChallenge(challenge, sent, secretsOf(shell, source, secrets));
  if (answer.kind === 'refused') {
    refuse(shell, source, request, answer.reason);
    const code = answer.reason === 'wrong_token' ? 'unauthenticated' : 'bad_request';
    throw new AppError(code, answer.message, { details: { reason: answer.reason } });
  }
  const about = { source: source.key, request: request.id, ...(visited && { visited: visited.host }) };
  shell.log.info(about, 'a handshake was answered');
  reply.headers(answer.headers);
  reply.header('content-type', answer.contentType).header('x-content-type-options', 'nosniff');
  // As bytes, so that nothing serialises it once more.
  reply.send(Buffer.from(answer.body));
  return true;
}

async function provedInTime(shell: ProofShell, source: Sender, sent: Sent): Promise<Authenticity> {
  const { verify } = source;
  if (verify.scheme === 'none') return verified(shell, source, sent);
  const { secrets, signature: scheme } = verify;
  if (kindOf(scheme.algorithm) === 'jwt') {
    return await verifyToken(shell, scheme, sent, secretsOf(shell, source, secrets), shell.clock.now());
  }
  const certificate = await certificateFor(shell, scheme, sent);
  return 'pem' in certificate
    ? verifyRequest(verify, sent, [certificate.pem], shell.clock.now())
    : certificate;
}

function verified(shell: ProofShell, source: Sender, sent: Sent): Authenticity {
  const { verify } = source;
  const refs = verify.scheme === 'none' ? [] : verify.secrets;
  return verifyRequest(verify, sent, secretsOf(shell, source, refs), shell.clock.now());
}

/**
 * Whether the id of a request has not come before with another body. The same body passes: that is the sender's own
 * retry, and the path answers it as a duplicate. Claimed before the commit, for the claim stands for nothing but these bytes.
 */
async function isFirstUse(
  { clock, db }: ProofShell,
  { key, verify }: Sender,
  { body }: Sent,
  { id }: { readonly id: string | null },
): Promise<boolean> {
  if (id === null || verify.scheme === 'none' || !verify.signature.idOnce) return true;
  // No `Idempotency-Key` can hold a tab, so that the two never meet.
  const once = { key: `${key}\t${sha256(id).toString('hex')}`, request: sha256(body).toString('hex') };
  const before = await db.transaction().execute((tx) => claimRequests(tx, [once], clock.now()));
  return (before.get(once.key)?.request ?? once.request) === once.request;
}

const replayed = refused(
  'replayed',
  'The id of this request was used before, with another body; a retry has the same body.',
);

/** Logs a request that was not authentic, as long as there are not too many of them: then it throws. */
function refuse(
  { clock, log }: ProofShell,
  source: Sender,
  request: FastifyRequest,
  reason: RefusalReason | 'wrong_token' | 'malformed_challenge',
): void {
  countStranger(source, clock.now());
  const about = { source: source.key, reason, from: request.ip, request: request.id };
  log.warn(about, 'a request was not authentic');
}

function secretsOf(shell: ProofShell, source: Sender, refs: readonly SecretRef[]): readonly string[] {
  try {
    return refs.flatMap((ref) => shell.secrets(ref));
  } catch (error) {
    throw unusableSecret(shell, source, error);
  }
}

function unusableSecret({ clock, log }: ProofShell, source: Sender, cause: unknown): AppError {
  // Strangers may name keys that nobody has, and the log is not theirs to fill.
  if (unusable.draw(source, unusableLimit, clock.now()).allowed) {
    log.error({ err: cause, source: source.key }, 'the secret of a source cannot be used');
  }
  return new AppError('unavailable', 'This source cannot be checked at present; nothing was accepted.');
}

const unusable = createBuckets<Sender>();
const unusableLimit = perMinute(limits.strangersPerMinute);
