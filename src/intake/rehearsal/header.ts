import { AppError } from '../../errors.ts';

const dryRunHeader = 'signalbox-dry-run';

/** Whether a request is only to be tried. Throws AppError('bad_request') for what might mean yes: nothing is stored by mistake. Pure. */
export function isDryRun(headers: Readonly<Record<string, string | readonly string[] | undefined>>): boolean {
  const value = headers[dryRunHeader];
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw new AppError('bad_request', `Signalbox-Dry-Run is "${String(value)}", neither true nor false.`, {
    help: 'Send `Signalbox-Dry-Run: true` to decide without storing anything.',
  });
}
