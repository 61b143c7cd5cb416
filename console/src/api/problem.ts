import { texts } from '../texts/parts.ts';

/** What the API said instead of an answer (RFC 9457), or that it could not be reached. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly help: string | null;
  /** The id of the request, as the server's log has it; null where none answered. */
  readonly request: string | null;
  /** Further members of the problem document. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, document: Readonly<Record<string, unknown>>) {
    const text = (name: string) => (typeof document[name] === 'string' ? document[name] : null);
    super(text('detail') ?? text('title') ?? texts.unexplained(status));
    this.status = status;
    this.code = text('code') ?? 'internal';
    this.help = text('help');
    this.request = text('instance')?.replace('urn:request:', '') ?? null;
    this.details = document;
  }
}

/** The server could not be reached at all: status 0. */
export function unreachable(): Problem {
  return new Problem(0, {
    code: 'unreachable',
    detail: `${texts.unreachable}.`,
    help: texts.unreachableHelp,
  });
}

export function isUnreachable(error: unknown): boolean {
  return error instanceof Problem && error.status === 0;
}

/** The problem of an answer that is none. */
export async function problemOf(response: Response): Promise<Problem> {
  const document: unknown = await response.json().catch(() => null);
  const isObject = typeof document === 'object' && document !== null;
  return new Problem(response.status, isObject ? (document as Record<string, unknown>) : {});
}

/** What went wrong, what to do, and the id of the request, in one line. */
export function problemText(error: unknown): string {
  if (!(error instanceof Problem)) return String(error);
  const request = error.request === null ? '' : ` (${error.request})`;
  return `${error.message}${error.help === null ? '' : ` ${error.help}`}${request}`;
}
