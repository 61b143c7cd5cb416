import { type Static, Type } from 'typebox';
import { AppError } from '../errors.ts';
import { plainHeaders } from '../intake/headers.ts';
import { triggerOf } from '../intake/http.ts';
import type { HeldSecret } from '../intake/proof/check.ts';
import type { Sent } from '../intake/proof/http.ts';
import { checkAnyProof } from '../intake/proof/worker.ts';
import { createBuckets, perMinute } from '../intake/rate-limit.ts';
import { secretHeadersOf } from '../intake/signature.ts';
import { limits } from '../limits.ts';
import type { Shell } from '../shell.ts';
import { isSender, type Sender } from '../workflow/project.ts';
import type { Routes } from './deps.ts';
import { closed, JsonObject, Name, nullable, problems, Time, text } from './wire.ts';

const Given = closed({
  headers: Type.Record(
    Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}$" }),
    Type.String({ maxLength: limits.headerBytesMax, format: 'text' }),
    { additionalProperties: false, description: 'as they came, the signature among them' },
  ),
  body: Type.Optional(Type.String({ description: 'what came, as text; or `body_base64`' })),
  body_base64: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9+/]*={0,2}$',
      description: 'its bytes, where text would not be the same',
    }),
  ),
  method: Type.Optional(Type.String({ pattern: '^[A-Z]{1,20}$', description: 'default POST' })),
  url: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 4_000,
      format: 'text',
      description: 'what the sender called; only some schemes sign it. Default: the address of the source',
    }),
  ),
  address: Type.Optional(text(100)),
});

const Proof = closed({
  authentic: Type.Boolean(),
  reason: nullable(Type.String({ description: 'the label of a refusal: `wrong_signature`' })),
  message: Type.String(),
  holds: Type.Boolean({ description: 'the signature is right, whatever its time' }),
  matched: nullable(
    closed(
      { place: Type.String(), number: Type.Integer(), of: Type.Integer() },
      { description: 'the place of the secret that fits, and which of its values' },
    ),
  ),
  secrets: Type.Array(
    closed({
      place: Type.String({ description: 'where it lies, never what it is' }),
      values: Type.Integer(),
      usable: Type.Integer({ description: 'of these, those that are written as the scheme wants them' }),
    }),
  ),
  places: Type.Array(closed({ place: Type.String(), found: Type.Boolean() }), {
    description: 'where the signature may stand',
  }),
  signed: nullable(
    closed({
      template: Type.String({ description: 'what is signed, by names' }),
      parts: Type.Array(
        closed({
          part: Type.String(),
          bytes: nullable(
            Type.Integer({ description: 'in this request; null: of a secret nothing is told' }),
          ),
        }),
      ),
    }),
  ),
  time: nullable(
    closed({
      place: Type.String(),
      unit: Type.String(),
      at: nullable(Time),
      age_ms: nullable(Type.Number()),
      tolerance_ms: Type.Number(),
      within: Type.Boolean(),
    }),
  ),
});

const Checked = closed({
  scheme: Type.String(),
  proof: Proof,
  would: nullable(JsonObject),
  undecided: nullable(Type.String({ description: 'why nothing could be decided on it' })),
});

/** How often anybody may ask about a source: guessing goes no faster here than at its own address. */
const checksLimit = perMinute(limits.sourceChecksPerMinute);

/** POST /api/sources/{key}/check: why a delivery was refused, and what would become of it. */
export const sourceCheckRoutes: Routes = async (app, { deps }) => {
  const { shell, intake } = deps;
  const asked = createBuckets<Sender>();

  app.post(
    '/sources/:key/check',
    {
      // Text in JSON may take twice its bytes, and the headers stand in it.
      bodyLimit: 2 * limits.bodyBytesMax + limits.headerBytesMax,
      schema: {
        operationId: 'checkDelivery',
        summary:
          'Whether a delivery would be taken for its source’s, and what would be decided on it; stores nothing',
        description:
          'For a delivery that was refused, or one that is only written down. It says whether the signature fits, under the secret of which place, what is signed and how old it is. It never tells a secret or the signature that would fit. An id that may come only once is not looked up.',
        tags: ['project'],
        params: closed({ key: Name }),
        body: Given,
        response: { 200: Checked, ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503) },
      },
    },
    async ({ params, body }) => {
      const source = senderOf(shell, params.key);
      const now = shell.clock.now();
      const { allowed, waitSeconds } = asked.draw(source, checksLimit, now);
      if (!allowed) {
        throw new AppError('too_many_requests', 'Deliveries of this source are checked too often.', {
          help: `Come again in ${waitSeconds} s.`,
          details: { retry_after: waitSeconds },
        });
      }
      const sent = sentAs(body, source);
      const proof = await checkAnyProof(shell, source.verify, sent, heldSecrets(shell, source));
      const { time } = proof;
      return {
        scheme: source.verify.scheme,
        proof: {
          ...proof,
          secrets: [...proof.secrets],
          places: [...proof.places],
          signed: proof.signed && { ...proof.signed, parts: [...proof.signed.parts] },
          time: time && {
            place: time.place,
            unit: time.unit,
            at: time.at?.toISOString() ?? null,
            age_ms: time.ageMs,
            tolerance_ms: time.toleranceMs,
            within: time.within,
          },
        },
        ...(await decided(sent, source)),
      };
    },
  );

  async function decided(sent: Sent, source: Sender) {
    try {
      const would = {
        ...(await intake.rehearse(await triggerOf(sent, source, secretHeadersIn(source.verify)))),
      };
      return { would, undecided: null };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { would: null, undecided: error.message };
    }
  }
};

function senderOf(shell: Pick<Shell, 'project'>, key: string): Sender {
  const source = shell.project().sources.get(key);
  if (source === undefined) throw new AppError('not_found', `There is no source ${key}.`);
  if (isSender(source)) return source;
  throw new AppError('unprocessable', `The source ${key} is only polled: nothing is sent to it.`);
}

/** A secret that cannot be read is told as one without values, by its place. */
function heldSecrets(shell: Pick<Shell, 'secrets'>, { verify }: Sender): HeldSecret[] {
  if (verify.scheme === 'none') return [];
  return verify.secrets.map((ref) => {
    try {
      return { ref, values: shell.secrets(ref) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { ref, values: [] };
    }
  });
}

function sentAs(given: Static<typeof Given>, source: Sender): Sent {
  const { headers, body, body_base64: base64, method = 'POST', url = `/in/${source.key}`, address } = given;
  if ((body === undefined) === (base64 === undefined)) {
    throw new AppError('bad_request', 'A delivery has either `body` or `body_base64`.');
  }
  const bytes = base64 === undefined ? Buffer.from(body ?? '') : Buffer.from(base64, 'base64');
  if (bytes.length > source.bodyBytesMax) {
    throw new AppError('too_large', `The body is larger than ${source.bodyBytesMax} bytes.`);
  }
  const [path = '', ...query] = url.split('?');
  const called = /^https?:/i.test(path) ? path : (source.publicUrl ?? path);
  return {
    method,
    url: [called, ...query].join('?'),
    headers: plainHeaders(headers),
    body: bytes,
    address: address ?? null,
  };
}

function secretHeadersIn(verify: Sender['verify']): string[] {
  return verify.scheme === 'none' ? [] : secretHeadersOf(verify.signature);
}
