import type { PresetName } from '../intake/presets.ts';

/** Which preset a sender's headers speak for, and by which of them. */
export interface SeenScheme {
  readonly scheme: PresetName;
  /** The header that says so. */
  readonly header: string;
}

/** The first that fits counts: what is particular to a sender before what several have. */
const signs: readonly (readonly [scheme: PresetName, header: RegExp, agent?: RegExp])[] = [
  ['github', /^x-github-/],
  ['gitlab', /^x-gitlab-/],
  ['shopify', /^x-shopify-/],
  ['stripe', /^stripe-signature$/, /^Stripe\//],
  ['slack', /^x-slack-/, /^Slackbot/],
  ['zendesk', /^x-zendesk-webhook/, /^Zendesk/],
  ['hubspot-v3', /^x-hubspot-signature-v3$|^x-hubspot-request-timestamp$/],
  ['hubspot-v1', /^x-hubspot-signature$/, /HubSpot/i],
  ['sendgrid', /^x-twilio-email-event-webhook/, /^SendGrid/],
  ['twilio', /^x-twilio-signature$/, /^TwilioProxy/],
  ['typeform', /^typeform-signature$/, /Typeform/i],
  ['calendly', /^calendly-webhook-signature$/],
  ['pagerduty', /^x-pagerduty-signature$/, /^PagerDuty/],
  ['jira', /^x-atlassian-webhook/, /^Atlassian/],
  ['intercom', /^x-intercom-|^intercom-/, /^intercom/i],
  ['standard-webhooks', /^(webhook|svix)-(id|signature)$/],
  ['meta', /^x-hub-signature-256$/, /^facebookexternalua|^Webhooks\/1\.0/],
  ['jira', /^x-hub-signature$/],
  ['basic', /^authorization$/],
];

/** How a source most likely proves itself, from the headers of its triggers (lower-case names); null: they do not say. */
export function schemeSeen(headers: Readonly<Record<string, string>>): SeenScheme | null {
  for (const [scheme, name, agent] of signs) {
    const header = Object.keys(headers).find((each) => name.test(each));
    if (header === 'authorization') return authorized(headers.authorization ?? '');
    if (header !== undefined) return { scheme, header };
    if (agent?.test(headers['user-agent'] ?? '')) return { scheme, header: 'user-agent' };
  }
  return null;
}

function authorized(value: string): SeenScheme | null {
  const [, scheme] = /^(bearer|basic) /i.exec(value) ?? [];
  if (scheme === undefined) return null;
  return { scheme: scheme.toLowerCase() === 'basic' ? 'basic' : 'bearer', header: 'authorization' };
}

/** The entry of a source under `sources:` of signalbox.yaml; each line with `# choose:` waits for a person. */
export function sourceEntry(key: string, seen: SeenScheme | null): string {
  const scheme =
    seen === null
      ? '      scheme: choose # choose: how it proves itself: bearer, hmac, stripe, …; docs/reference/signatures.md'
      : `      scheme: ${seen.scheme} # proposed: ${seen.header} was among its headers`;
  return `  ${key}:
    summary: Triggers of ${key}.
    owner: person:choose # choose: who answers for the system that sends
    verify:
${scheme}
      secret: { file: secrets/${key} } # proposed: put the secret into this file, never here
`;
}

/** signalbox.yaml with one more source, first in its list; null where that list is not written line by line. */
export function withSource(text: string, entry: string): string | null {
  const [head] = /^sources:[ \t]*(#[^\n]*)?\r?\n/m.exec(text) ?? [];
  if (head === undefined) return null;
  const at = text.indexOf(head, text.startsWith(head) ? 0 : text.indexOf(`\n${head}`)) + head.length;
  const [, indent = '  '] = /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*( +)\S/.exec(text.slice(at)) ?? [];
  const lines = entry.replaceAll(/^ {2}/gm, indent);
  return text.slice(0, at) + lines + text.slice(at);
}
