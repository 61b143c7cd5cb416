import type { FastifyPluginAsync } from 'fastify';
import { accountRoutes } from './account.ts';
import { accountsRoutes } from './accounts.ts';
import { approvalRoutes } from './approvals.ts';
import { auditRoutes } from './audit.ts';
import { consoleRoutes } from './console.ts';
import { csvLists } from './csv.ts';
import type { ApiDeps } from './deps.ts';
import { destinationWorkRoutes } from './destination-work.ts';
import { destinationRoutes } from './destinations.ts';
import { detectionRoutes } from './detection.ts';
import { docsPage } from './docs-page.ts';
import { driftRoutes } from './drift.ts';
import { exceptionRoutes } from './exceptions.ts';
import { explanationRoutes } from './explanation.ts';
import { healthRoutes } from './health.ts';
import { mapRoutes } from './map.ts';
import { meRoutes } from './me.ts';
import { outcomeRoutes } from './outcomes.ts';
import { overviewRoutes } from './overview.ts';
import { pollRoutes } from './poll.ts';
import { projectRoutes } from './project.ts';
import { reconciliationRoutes } from './reconciliations.ts';
import { recordedTriggerRoutes } from './recorded-triggers.ts';
import { replayRoutes } from './replays.ts';
import { requireRules, rightCheck } from './right-check.ts';
import { refuseForeign, secureHeaders } from './security.ts';
import { signInRoutes } from './sign-in.ts';
import { sourceCheckRoutes } from './source-check.ts';
import { streamRoutes } from './stream.ts';
import { ticketRoutes } from './tickets.ts';
import { todayRoutes } from './today.ts';
import { triggerRoutes } from './triggers.ts';
import { compileValidator } from './validate.ts';
import { workflowRoutes } from './workflows.ts';

/**
 * The HTTP API as one plugin: /api/… by the rules of rights.ts, /health/…, /openapi.json and the console's files open,
 * all of it refused to foreign pages. Before it, the root instance has had `problemHandlers` (problem.ts), which make every error a problem
 * document, and `describeRoutes` (openapi.ts), which collects what /openapi.json shows.
 */
export const apiRoutes: FastifyPluginAsync<{ readonly deps: ApiDeps }> = async (app, { deps }) => {
  app.setValidatorCompiler(compileValidator);
  // Answers are typed by their schemas at compile time and checked against them by the tests; nothing is left to strip.
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  app.addHook('onRequest', async (request, reply) => {
    secureHeaders(reply);
    const bound = app.server.address();
    const boundHost = typeof bound === 'object' && bound !== null ? bound.address : 'localhost';
    refuseForeign(request, boundHost, deps.shell.project().signIn.url);
  });
  requireRules(app);
  await app.register(healthRoutes, { deps });
  await app.register(keyedRoutes, { deps, prefix: '/api' });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  docsPage(app);
  await app.register(consoleRoutes);
};

const keyedRoutes: FastifyPluginAsync<{ readonly deps: ApiDeps }> = async (app, { deps }) => {
  const check = rightCheck(deps.shell, deps.key);
  app.addHook('onRequest', check);
  csvLists(app);
  for (const routes of [
    signInRoutes,
    meRoutes,
    accountRoutes,
    accountsRoutes,
    streamRoutes,
    ticketRoutes,
    explanationRoutes,
    replayRoutes,
    exceptionRoutes,
    approvalRoutes,
    outcomeRoutes,
    projectRoutes,
    sourceCheckRoutes,
    workflowRoutes,
    pollRoutes,
    reconciliationRoutes,
    driftRoutes,
    destinationRoutes,
    destinationWorkRoutes,
    detectionRoutes,
    auditRoutes,
    triggerRoutes,
    recordedTriggerRoutes,
    todayRoutes,
    overviewRoutes,
    mapRoutes,
  ]) {
    await app.register(routes, { deps });
  }
};
