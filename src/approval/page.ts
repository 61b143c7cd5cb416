import { sha256 } from '../audit/encoding.ts';
import type { HandoffRow } from '../handoff/store.ts';
import { limits } from '../limits.ts';
import { filledRequest } from '../outcome/link.ts';
import { approvalState } from './decide.ts';
import type { ApprovalRow } from './store.ts';

/** The pages that a link opens, as HTML: they need no script, and none would run. Pure. */

/** What is approved, as it will be sent, and a form for the answer. */
export function decisionPage({
  approval,
  row,
  person,
  workflow,
}: {
  readonly approval: ApprovalRow;
  readonly row: HandoffRow;
  /** The name of who is asked. */
  readonly person: string;
  readonly workflow: string;
}): string {
  const request = filledRequest(row.plan, { url: '(its one-time address)', key: row.idempotency_key });
  const { needed, yes, fourEyes, dueAt } = approvalState(approval);
  const headers = Object.entries(request.headers).map(([name, value]) => `\n${name}: ${value}`);
  const body = request.body === undefined ? '' : `\n\n${JSON.stringify(request.body, null, 2)}`;
  const facts: [string, string][] = [
    ['Asked of', `${person} (${approval.by})`],
    ['Answer by', `${dueAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['Workflow', workflow],
    ['Ticket', approval.ticket_id],
    ['Handoff', `${row.handoff} at ${row.destination}`],
    ...(needed > 1 ? [['Yes so far', `${yes.length} of ${needed}`] as [string, string]] : []),
    ...(fourEyes
      ? [['Four eyes', 'whoever has acted on the ticket cannot approve'] as [string, string]]
      : []),
  ];
  return page(
    `Approve ${row.handoff}?`,
    `<dl>${facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>
<h2>This will be sent, and nothing else</h2>
<pre tabindex="0">${escaped(`${request.method} ${request.path}${headers.join('')}${body}`)}</pre>
<form method="post">
<label for="reason">Reason (a no needs one)</label>
<textarea id="reason" name="reason" rows="3" maxlength="${limits.noteCharsMax}"></textarea>
<p><button name="decision" value="approve">Approve</button> <button name="decision" value="refuse" class="no">Refuse</button></p>
</form>`,
  );
}

/** One thing to say. */
export function messagePage(title: string, text: string): string {
  return page(title, `<p>${escaped(text)}</p>`);
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
pre{background:#f4f4f4;padding:1rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}
textarea{display:block;width:100%;box-sizing:border-box;font:inherit}
button{font:inherit;padding:.5rem 1.25rem;border:1px solid #14532d;background:#14532d;color:#fff;border-radius:4px}
button.no{background:#fff;color:#7f1d1d;border-color:#7f1d1d}
button:focus-visible,textarea:focus-visible,pre:focus-visible{outline:3px solid #2563eb;outline-offset:2px}`;

/** What a browser may do with the page: show it, with its own style, and send its form to where it came from. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${sha256(style).toString('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

function page(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)} – Signalbox</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${main}
</main>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters that turn text around are shown as what they are not: nothing hides what is approved. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => entities[character] ?? '')
    .replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
}
