/** The closed list of a caller's mistakes: code, HTTP status, process exit code. */
const codes = {
  bad_request: [400, 2],
  unauthenticated: [401, 3],
  forbidden: [403, 3],
  not_found: [404, 4],
  conflict: [409, 5],
  too_large: [413, 2],
  unsupported_media_type: [415, 2],
  unprocessable: [422, 2],
  too_many_requests: [429, 6],
  invalid_project: [422, 1],
  unavailable: [503, 6],
  schema_too_new: [503, 7],
  schema_changed: [503, 7],
  no_database_binary: [503, 7],
} as const satisfies Record<string, readonly [status: number, exit: number]>;

export type ErrorCode = keyof typeof codes;

/** A caller's mistake or a state the caller must know of; its message is written for that caller. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** What to do instead, one sentence. */
  readonly help: string | undefined;
  /** Machine-readable particulars, shown as members of the problem document. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { help?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.help = options.help;
    this.details = options.details;
  }
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(codes, text);
}

export function httpStatus(code: ErrorCode): number {
  return codes[code][0];
}

export function exitCode(code: ErrorCode): number {
  return codes[code][1];
}
