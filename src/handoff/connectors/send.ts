import type { AttemptOutcome, HandoffRequest } from '../handoff.ts';
import { sendMail } from './email.ts';
import { type Sending, sendHttp } from './http.ts';
import { receiptMethod } from './operations.ts';
import { taken } from './outcome.ts';
import { askDatabase } from './postgresql.ts';
import { askSlack } from './slack.ts';

export type { Sending } from './http.ts';

/**
 * Sends one request to a destination, to do or to read something, by the connector that it is reached with, and says
 * what came of it. Never throws for what the other side does.
 */
export async function sendRequest(sending: Sending): Promise<AttemptOutcome> {
  const { destination, request } = sending;
  if (request.method === receiptMethod) return receipt(destination.key, request);
  switch (destination.connector) {
    case 'http':
    case 'webhook':
    case 'slack-webhook':
      return await sendHttp(sending);
    case 'slack':
      return await askSlack(sending);
    case 'email':
      return await sendMail(sending);
    case 'postgresql':
      return await askDatabase(sending);
  }
}

/** What the destination said when it took the handoff, as the arguments give it: nothing is asked again. */
function receipt(destination: string, { path }: HandoffRequest): AttemptOutcome {
  return taken(`${destination} took it`, Object.fromEntries(new URLSearchParams(path)));
}
