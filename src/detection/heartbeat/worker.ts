import { sendRequest } from '../../handoff/connectors/send.ts';
import { limits } from '../../limits.ts';
import type { Shell } from '../../shell.ts';
import type { Destination, Project } from '../../workflow/project.ts';

export interface Heartbeat {
  /** Calls outside where it is time and `trouble` names none. Returns whether it called, as 1 or 0. */
  beat(now: Date): Promise<number>;
  /** Why the last call was left out or failed; null: it went well, or nobody is to be called. */
  trouble(): string | null;
}

/**
 * Calls the project's `heartbeat.url` while every check passes: silence is the alarm. Each node calls for itself.
 * `checks`: which check does not pass, null where all do.
 */
export function createHeartbeat(shell: Shell, checks: () => Promise<string | null>): Heartbeat {
  let lastAt: Date | null = null;
  let trouble: string | null = null;
  return {
    trouble: () => trouble,
    async beat(now) {
      const { heartbeat } = shell.project();
      if (heartbeat === null) {
        trouble = null;
        return 0;
      }
      // Either way: a clock that was set back must not keep us from calling.
      if (lastAt !== null && Math.abs(now.getTime() - lastAt.getTime()) < heartbeat.everyMs) return 0;
      const failed = await checks();
      if (failed !== null) {
        trouble = `Not called, because a check does not pass: ${failed}`;
        return 0;
      }
      lastAt = now;
      trouble = await call(heartbeat);
      if (trouble !== null) shell.log.warn({ why: trouble }, 'heartbeat failed');
      return trouble === null ? 1 : 0;
    },
  };
}

async function call({ url, allowPrivate }: NonNullable<Project['heartbeat']>): Promise<string | null> {
  const destination: Destination = {
    key: 'heartbeat',
    summary: '',
    url,
    auth: { scheme: 'none' },
    idempotencyHeader: '',
    timeoutMs: limits.heartbeatMs,
    allowPrivate,
    readAgain: null,
    connector: 'http',
    timeouts: { connectMs: limits.heartbeatMs, headersMs: limits.heartbeatMs, bodyMs: limits.heartbeatMs },
    ca: null,
    from: null,
  };
  const answer = await sendRequest({
    destination,
    request: {
      operation: 'heartbeat',
      method: 'GET',
      path: new URL(url).pathname === '/' ? '/' : '',
      headers: {},
    },
    idempotencyKey: null,
    secret: null,
    timeoutMs: limits.heartbeatMs,
  });
  return answer.result === 'accepted' ? null : `${url.split('/')[2]} did not take it: ${answer.detail}`;
}
