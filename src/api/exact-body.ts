import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { parseJson } from '../intake/parse.ts';

/** Reads JSON bodies as intake reads them, for routes that payloads come by: no key twice, no number that a double cannot hold. */
export function exactBodies(
  app: Pick<FastifyInstance, 'addContentTypeParser' | 'removeContentTypeParser'>,
): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => {
      const parsed = parseJson(body);
      if (parsed.ok) return parsed.value;
      throw new AppError('bad_request', parsed.problem);
    },
  );
}
