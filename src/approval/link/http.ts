import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, httpStatus } from '../../errors.ts';
import { limits } from '../../limits.ts';
import type { Shell } from '../../shell.ts';
import { findTicket } from '../../ticket/store.ts';
import { type ApprovalLink, approvalOf } from '../link.ts';
import { decisionPage, messagePage, pagePolicy } from '../page.ts';
import { decideApproval } from '../worker.ts';
import { openApprovalLink } from './worker.ts';

/**
 * /approve/{token}: the page by which one person decides one approval. GET shows what would be sent, and changes nothing:
 * mail scanners open links. POST, from the form on it, decides, once. The token is the whole proof, so that it stands in
 * no log and goes to no other page.
 */
export const approvalPages: FastifyPluginAsync<{ readonly shell: Shell }> = async (app, { shell }) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: limits.decisionFormBytesMax },
    (_request, body, done) => done(null, new URLSearchParams(body.toString())),
  );

  app.get('/approve/*', { schema: { hide: true } }, async (request, reply) => {
    const link = linkOf(shell, request);
    if (link === null) return unknown(reply);
    const opened = await openApprovalLink(shell, link);
    if (opened.kind === 'closed') return html(reply, 410, messagePage('Nothing to decide', opened.why));
    const ticket = await findTicket(shell.db, link.ticketId);
    const person = shell.project().people.get(link.person.replace('person:', ''))?.name ?? link.person;
    return html(reply, 200, decisionPage({ ...opened, person, workflow: ticket?.workflow ?? '' }));
  });

  app.post('/approve/*', { schema: { hide: true } }, async (request, reply) => {
    const link = linkOf(shell, request);
    if (link === null) return unknown(reply);
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    const decision = form.get('decision');
    if (decision !== 'approve' && decision !== 'refuse') {
      return html(reply, 400, messagePage('Not decided', 'Choose one of the two buttons.'));
    }
    const opened = await openApprovalLink(shell, link);
    if (opened.kind === 'closed') return html(reply, 410, messagePage('Nothing to decide', opened.why));
    const given = { approve: decision === 'approve', reason: form.get('reason') ?? '' };
    try {
      await decideApproval(shell, link, { ...given, by: 'link', digest: link.digest }, link.person);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const why = [error.message, error.help].filter(Boolean).join('. ');
      return html(reply, httpStatus(error.code), messagePage('Not decided', `${why}. Go back to try again.`));
    }
    const title = given.approve ? 'Approved' : 'Refused';
    return html(reply, 200, messagePage(title, 'Your answer is on record. You can close this page.'));
  });

  app.addHook('onError', async (_request, reply) => {
    reply.headers(pageHeaders);
  });
};

/** Null where the token is none of ours, or names somebody who is no longer there. */
function linkOf({ links, project }: Shell, { params }: FastifyRequest): ApprovalLink | null {
  const link = approvalOf(links.keys(), (params as { readonly '*': string })['*']);
  return link !== null && project().people.has(link.person.replace('person:', '')) ? link : null;
}

function unknown(reply: FastifyReply): FastifyReply {
  const text =
    'It may have been cut off on its way: open it from the message once more, or ask for a new one.';
  return html(reply, 404, messagePage('This link is not valid', text));
}

const pageHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': pagePolicy,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

function html(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).headers(pageHeaders).type('text/html; charset=utf-8').send(text);
}
