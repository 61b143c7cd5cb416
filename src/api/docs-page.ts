import type { FastifyInstance } from 'fastify';
import { htmlText, page } from './page.ts';

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    name: string;
    in: string;
    required?: boolean;
    description?: string;
    schema?: unknown;
  }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> };
  readonly responses?: Readonly<
    Record<
      string,
      { description?: string; content?: Readonly<Record<string, { readonly schema?: unknown }>> }
    >
  >;
}
interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly tags?: readonly { name: string; description?: string }[];
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** GET /docs: /openapi.json for people. Made here, read without any script, from no other server. */
export function docsPage(app: FastifyInstance): void {
  app.get('/docs', { schema: { hide: true } }, (_request, reply) => {
    page(reply, 'Signalbox API', docsHtml(app.swagger() as unknown as Document));
  });
}

/** Pure. */
function docsHtml({ info, tags = [], paths = {} }: Document): string[] {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return [
    `<h1>${htmlText(info.title)} ${htmlText(info.version)}</h1><p>${htmlText(info.description ?? '')}</p>`,
    '<p>The document itself: <a href="/openapi.json">/openapi.json</a>.</p>',
    `<nav>${tags.map(({ name }) => `<a href="#${htmlText(name)}">${htmlText(name)}</a>`).join(' · ')}</nav>`,
    ...tags.flatMap(({ name, description = '' }) => [
      `<h2 id="${htmlText(name)}">${htmlText(name)}</h2><p>${htmlText(description)}</p>`,
      ...operations.filter(({ operation }) => operation.tags?.[0] === name).map(operationHtml),
    ]),
  ];
}

function operationHtml({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Operation;
}): string {
  const { summary = '', description = '', parameters = [], requestBody, responses = {} } = operation;
  const rows = parameters.map(
    ({ name, in: where, required, description: what = '', schema }) =>
      `<tr><td><code>${htmlText(name)}</code></td><td>${htmlText(where)}${required ? ', required' : ''}</td><td>${htmlText(what || textOf(schema))}</td></tr>`,
  );
  return [
    `<details><summary><b>${method} ${htmlText(path)}</b> ${htmlText(summary)}</summary>`,
    `<p>${htmlText(description)}</p>`,
    operation.security?.length === 0 ? '<p>Needs no key.</p>' : '',
    rows.length > 0 ? `<table>${rows.join('')}</table>` : '',
    ...contents('Body', requestBody?.content),
    ...Object.entries(responses).flatMap(([status, { content }]) =>
      status < '400' ? contents(status, content) : [],
    ),
    `<p>Problems: ${Object.keys(responses)
      .filter((status) => status >= '400')
      .join(', ')}</p></details>`,
  ].join('');
}

function contents(
  title: string,
  content: Readonly<Record<string, { readonly schema?: unknown }>> = {},
): string[] {
  return Object.entries(content).map(
    ([type, { schema }]) =>
      `<h4>${htmlText(title)}: ${htmlText(type)}</h4><pre>${htmlText(textOf(schema))}</pre>`,
  );
}

function textOf(schema: unknown): string {
  return JSON.stringify(schema ?? {}, null, 1);
}
