import type { FastifyPluginAsync } from 'fastify';
import { approvalRoutes } from './approvals.ts';
import { auditRoutes } from './audit.ts';
import type { ApiDeps } from './deps.ts';
import { driftRoutes } from './drift.ts';
import { exceptionRoutes } from './exceptions.ts';
import { explanationRoutes } from './explanation.ts';
import { healthRoutes } from './health.ts';
import { pollRoutes } from './poll.ts';
import { projectRoutes } from './project.ts';
import { recordedTriggerRoutes } from './recorded-triggers.ts';
import { replayRoutes } from './replays.ts';
import { keyCheck, refuseForeign, secureHeaders } from './security.ts';
import { ticketRoutes } from './tickets.ts';
import { triggerRoutes } from './triggers.ts';
import { compileValidator } from './validate.ts';
import { workflowRoutes } from './workflows.ts';

/**
 * The HTTP API as one plugin: /api/… behind the local key, /health/… and /openapi.json open, all of it refused to
 * foreign pages. Before it, the root instance has had `problemHandlers` (problem.ts), which make every error a problem
 * document, and `describeRoutes` (openapi.ts), which collects what /openapi.json shows.
 */
export const apiRoutes: FastifyPluginAsync<{ readonly deps: ApiDeps }> = async (app, { deps }) => {
  app.setValidatorCompiler(compileValidator);
  // Answers are typed by their schemas at compile time and checked against them by the tests; nothing is left to strip.
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  app.addHook('onRequest', async (request, reply) => {
    secureHeaders(reply);
    const bound = app.server.address();
    refuseForeign(request, typeof bound === 'object' && bound !== null ? bound.address : 'localhost');
  });
  await app.register(healthRoutes, { deps });
  await app.register(keyedRoutes, { deps, prefix: '/api' });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
};

const keyedRoutes: FastifyPluginAsync<{ readonly deps: ApiDeps }> = async (app, { deps }) => {
  const checkKey = keyCheck(deps.key);
  app.addHook('onRequest', async (request) => checkKey(request));
  for (const routes of [
    ticketRoutes,
    explanationRoutes,
    replayRoutes,
    exceptionRoutes,
    approvalRoutes,
    projectRoutes,
    workflowRoutes,
    pollRoutes,
    driftRoutes,
    auditRoutes,
    triggerRoutes,
    recordedTriggerRoutes,
  ]) {
    await app.register(routes, { deps });
  }
};
