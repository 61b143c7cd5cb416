import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** Signalbox as anybody outside sees it: over HTTP, with what the stories read of its answers. */
export interface Client {
  /** Posts a trigger to a source, signed with its secret as Standard Webhooks says. */
  send(source: string, body: string, secret: string): Promise<Answer>;
  /** The whole story of one ticket. */
  ticket(id: string): Promise<TicketStory>;
  /** What stands in the exception queue. */
  exceptions(): Promise<readonly Exception[]>;
  /** An act of a person on an exception. Throws where it is refused. */
  act(person: string, exception: Exception, act: Readonly<Record<string, unknown>>): Promise<void>;
  /** A person's yes or no. Throws where it is refused. */
  approve(person: string, ticketId: string, handoffSeq: number, reason: string): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface TicketStory {
  readonly ticket: {
    readonly id: string;
    readonly state: string;
    readonly owner: string;
    readonly alternate: string;
    readonly route: string | null;
    readonly confidence: number | null;
    readonly joined: number;
  };
  readonly entries: readonly Entry[];
  readonly handoffs: readonly Handoff[];
  readonly exceptions: readonly Exception[];
}

export interface Entry {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Handoff {
  readonly seq: number;
  readonly handoff: string;
  readonly destination: string;
  readonly state: string;
  readonly approval: { readonly by: string } | null;
  readonly attempts: readonly { readonly attempt: number; readonly result: string | null }[];
}

export interface Exception {
  readonly ticket_id: string;
  readonly seq: number;
  readonly mode: string;
  readonly summary: string;
  readonly state: string;
  readonly owner: string;
  readonly alternate: string;
  readonly responsible: string;
  readonly checklist: readonly { readonly text: string; readonly state: string }[];
}

/** Opens a client of the server at `url` with its local key. */
export function openClient(url: string, key: string): Client {
  const call = async (path: string, options: { person?: string; body?: unknown } = {}): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, {
      method: options.body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        ...(options.person === undefined ? {} : { 'signalbox-actor': options.person }),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return await response.json();
  };

  return {
    async send(source, body, secret) {
      const response = await fetch(`${url}/in/${source}`, {
        method: 'POST',
        headers: signed(body, secret),
        body,
      });
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    },
    ticket: async (id) => (await call(`/api/tickets/${id}`)) as TicketStory,
    async exceptions() {
      const all: Exception[] = [];
      let after: string | null = null;
      do {
        const path: string = `/api/exceptions?limit=500${after === null ? '' : `&after=${encodeURIComponent(after)}`}`;
        const page = (await call(path)) as { exceptions: Exception[]; next: string | null };
        all.push(...page.exceptions);
        after = page.next;
      } while (after !== null);
      return all;
    },
    async act(person, { ticket_id, seq }, act) {
      await call(`/api/exceptions/${ticket_id}/${seq}/acts`, { person, body: act });
    },
    async approve(person, ticketId, handoffSeq, reason) {
      await call(`/api/approvals/${ticketId}/${handoffSeq}`, { person, body: { approve: true, reason } });
    },
  };
}

/** Each sending has its own webhook id, also of the same lead: what makes it the same thing is the lead's id. */
function signed(body: string, secret: string): Record<string, string> {
  const id = `msg_${randomUUID()}`;
  const now = new Date();
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, now, body),
  };
}
