import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { version } from '../platform/version.ts';

/** Collects the routes that are registered after it, with their schemas, for /openapi.json. Call once, on the root. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, { openapi: head, convertConstToEnum: false, stripBasePath: false });
}

/** The head of /openapi.json; its paths come from the routes' schemas. */
const head = {
  openapi: '3.1.0',
  info: {
    title: 'Signalbox',
    version,
    description:
      'Tickets, exceptions and approvals. Who may do what: docs/reference/rights.md. Members are snake_case, times UTC in ISO 8601, ids text. ' +
      'Every error is a problem document (RFC 9457).',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  tags: [
    { name: 'intake', description: 'Where sources post their triggers' },
    { name: 'tickets', description: 'What came in and what became of it' },
    { name: 'exceptions', description: 'What a person must settle' },
    { name: 'approvals', description: 'What waits for a yes or no' },
    { name: 'people', description: 'Who works here, how they sign in and what they may' },
    { name: 'project', description: 'The project in force' },
    { name: 'audit', description: 'Whether the record is as it was written' },
    { name: 'health', description: 'For what restarts or routes around this process' },
  ],
  components: {
    securitySchemes: {
      key: {
        type: 'http' as const,
        scheme: 'bearer',
        description:
          'An API key; or, on the machine of the server, the local key from .signalbox/server.json',
      },
      session: {
        type: 'apiKey' as const,
        in: 'cookie',
        name: 'signalbox',
        description:
          'What signing in sets; over http the name ends with the port, over https it begins with __Host-',
      },
    },
  },
  security: [{ key: [] }, { session: [] }] as Record<string, string[]>[],
};
