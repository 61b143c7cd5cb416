import { createHmac } from 'node:crypto';

/** What the load generator sends: unique leads of about 1 KB, signed as GitHub signs. */

export const secret = 'the load generator and both servers know it';

const message =
  'We need a new site before the season begins. The old one was made by a freelancer who has moved on, nobody here ' +
  'can change it any more, and the booking form has not sent a mail for weeks. We would like to see two proposals, ' +
  'one that keeps the shop and one that replaces it. Photographs are there, texts are half written, the domain is ours. ';

/** The body of one lead; no two numbers of a run give the same. */
export function leadBody(run: string, number: number): Buffer {
  return Buffer.from(
    JSON.stringify({
      lead_id: `lead-${run}-${number}`,
      name: `Robin ${number.toString(36)} Example`,
      email: `Robin.${number}@Client.Example`,
      project_type: 'web',
      budget: 2000 + (number % 40_000),
      message: message.repeat(3).slice(0, 780 + (number % 40)),
      utm: { source: 'meta', campaign: `web-spring-${number % 7}` },
    }),
  );
}

/** The whole request as it goes over the wire; the connection stays open. */
export function leadRequest(path: string, body: Buffer): Buffer {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const head =
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
    `x-hub-signature-256: sha256=${signature}\r\nuser-agent: signalbox-bench\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
