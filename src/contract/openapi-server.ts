import { dialectOf } from './dialect.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * The base address that a document names: its first server with the defaults of its variables, or Swagger's scheme,
 * host and base path (https where both are offered). Null where it names none that stands by itself. Pure.
 */
export function serverOf(document: unknown): string | null {
  if (!isMembers(document)) return null;
  const url = dialectOf(document).openapi === '2.0' ? swaggerServer(document) : firstServer(document);
  return url !== null && /^https?:\/\/[^\s/?#@{}]+(\/[^\s?#{}]*)?$/.test(url)
    ? url.replace(/\/+$/, '')
    : null;
}

function firstServer({ servers }: Members): string | null {
  const [server] = Array.isArray(servers) ? servers : [];
  if (!isMembers(server) || typeof server.url !== 'string') return null;
  const variables = isMembers(server.variables) ? server.variables : {};
  return server.url.replaceAll(/\{([^{}]+)\}/g, (whole, name: string) => {
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    const value = isMembers(variable) ? variable.default : undefined;
    // YAML reads a port that stands without quotes as a number.
    return typeof value === 'string' || typeof value === 'number' ? String(value) : whole;
  });
}

function swaggerServer({ host, basePath, schemes }: Members): string | null {
  if (typeof host !== 'string') return null;
  const offered = Array.isArray(schemes) ? schemes : ['https'];
  const scheme = offered.includes('https') ? 'https' : 'http';
  return `${scheme}://${host}${typeof basePath === 'string' ? basePath : ''}`;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
