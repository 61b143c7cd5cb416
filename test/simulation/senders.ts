import { setTimeout as wait } from 'node:timers/promises';
import { formToken, lead } from '../support/project.ts';
import type { Sent } from './account.ts';
import { seeded } from './random.ts';

export const senderCount = 8;
/** Answers that a good sender tries again after, and those that may be; anything else is a finding. */
const expected = new Set([200, 202, 503]);

/**
 * Sends leads as good senders do: one after the other, each until it is acknowledged. Now and then one that was
 * acknowledged is sent once more, and must be joined to the same ticket.
 */
export function startSenders(url: () => string, sent: Sent, seed: number): { stop(): Promise<void> } {
  let stopped = false;
  const run = async (sender: number) => {
    const random = seeded(seed + sender);
    for (let n = 0; !stopped; n += 1) {
      const id = `lead-${sender}-${n}`;
      await until(id);
      if (random.next() < 0.05 && !stopped) await until(id);
    }
  };
  const until = async (id: string) => {
    while (!(await deliver(url(), id, sent)) && !stopped) await wait(20);
  };
  const all = Promise.all(Array.from({ length: senderCount }, (_, sender) => run(sender)));
  return {
    async stop() {
      stopped = true;
      await all;
    },
  };
}

/** True: it was acknowledged. */
async function deliver(url: string, id: string, sent: Sent): Promise<boolean> {
  const answer = await post(url, id).catch((error: Error) => ({
    status: 0,
    text: error.message,
    ticket: null,
  }));
  const label = answer.status === 0 ? 'no answer' : String(answer.status);
  sent.answers[label] = (sent.answers[label] ?? 0) + 1;
  if (answer.status !== 0 && !expected.has(answer.status)) {
    sent.contradictions.push(`${id} was answered ${answer.status}: ${answer.text}`);
  }
  if (answer.ticket === null) return false;
  const before = sent.acknowledged.get(id);
  if (before !== undefined && before !== answer.ticket) {
    sent.contradictions.push(`${id} was acknowledged as ${before} and as ${answer.ticket}`);
  }
  sent.acknowledged.set(id, answer.ticket);
  return true;
}

async function post(url: string, id: string) {
  const response = await fetch(`${url}/in/form`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${formToken}` },
    body: lead(id),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  const ticket = response.ok ? (JSON.parse(text) as { ticket: string }).ticket : null;
  return { status: response.status, text, ticket };
}
