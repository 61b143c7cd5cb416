import { randomBytes } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** Text as it stands in HTML, in an attribute too. */
export function htmlText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Sends a plain page that is read without any script; `body` is HTML, in which foreign text went through htmlText. */
export function page(reply: FastifyReply, title: string, body: readonly string[]): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  return reply
    .headers({
      'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    })
    .type('text/html; charset=utf-8')
    .send(
      [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        `<title>${htmlText(title)}</title><style nonce="${nonce}">${style}</style></head><body><main>`,
        ...body,
        '</main></body></html>',
      ].join('\n'),
    );
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
pre, code { font: 0.875rem/1.5 ui-monospace, monospace; }
pre { padding: 0.75rem; overflow-x: auto; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; }
details { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: 0.5rem 0; } summary { cursor: pointer; }
summary b { font: 600 0.875rem ui-monospace, monospace; } h2 { margin-top: 2.5rem; } a { color: LinkText; }
`;
