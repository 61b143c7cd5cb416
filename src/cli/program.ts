import { Command, CommanderError } from 'commander';
import { AppError, exitCode } from '../errors.ts';
import { version } from '../platform/version.ts';
import { approvalsCommands } from './approvals.ts';
import { auditCommands } from './audit.ts';
import { checkCommand } from './check.ts';
import { deployCommand } from './deploy.ts';
import { destinationCommands } from './destinations.ts';
import { detectionCommand } from './detection.ts';
import { diffCommand } from './diff.ts';
import { doctorCommand } from './doctor.ts';
import { driftCommands } from './drift.ts';
import { exceptionsCommands } from './exceptions.ts';
import { explainCommand } from './explain.ts';
import { importCommand } from './import.ts';
import { inferCommand } from './infer.ts';
import { initCommand } from './init.ts';
import { outcomesCommands } from './outcomes.ts';
import { paintFor } from './output.ts';
import { peopleCommands } from './people.ts';
import { planCommand } from './plan.ts';
import { pollCommand } from './poll.ts';
import { reconcileCommand } from './reconcile.ts';
import { rollbackCommand } from './rollback.ts';
import { sendCommand } from './send.ts';
import { testCommand } from './test.ts';
import { ticketCommand } from './ticket.ts';
import { upCommand } from './up.ts';
import { workflowsCommand } from './workflows.ts';

const exitCodesHelp = `
Exit codes:
  0  done                        4  not found
  1  findings, or not as written 5  does not fit the present state
  2  usage or content            6  no answer, try again
  3  key or right missing        7  database    70  our own mistake`;

/** Our own mistake: what EX_SOFTWARE means to other programs. */
const internalExitCode = 70;

/** Runs one command line (without `node` and the script) and returns the process's exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCode('bad_request');
    complain(error, args.includes('--json'));
    return error instanceof AppError ? exitCode(error.code) : internalExitCode;
  }
}

function program(): Command {
  const root = new Command('signalbox')
    .description(
      'The operating layer above your webhooks: every trigger checked, owned, routed, handed off and proved.',
    )
    .version(version, '-V, --version')
    .exitOverride()
    .showHelpAfterError('(add --help for what there is)')
    .showSuggestionAfterError()
    .addHelpText('after', exitCodesHelp);
  const commands = [
    initCommand,
    upCommand,
    checkCommand,
    testCommand,
    explainCommand,
    inferCommand,
    planCommand,
    deployCommand,
    workflowsCommand,
    diffCommand,
    rollbackCommand,
    sendCommand,
    importCommand,
    pollCommand,
    reconcileCommand,
    ticketCommand,
    exceptionsCommands,
    approvalsCommands,
    outcomesCommands,
    driftCommands,
    detectionCommand,
    destinationCommands,
    auditCommands,
    peopleCommands,
    doctorCommand,
  ];
  for (const add of commands) add(root);
  return root;
}

/** Says on standard error what went wrong and what to do. */
function complain(error: unknown, json: boolean): void {
  const known = error instanceof AppError ? error : null;
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    const document = {
      error: { code: known?.code ?? 'internal', message, help: known?.help, ...known?.details },
    };
    process.stderr.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  const paint = paintFor(process.stderr);
  process.stderr.write(`${paint('bad', '✘')} ${message}\n`);
  if (known?.help !== undefined) process.stderr.write(`  ${known.help}\n`);
  if (known === null && error instanceof Error) {
    process.stderr.write(
      `${paint('dim', error.stack ?? '')}\n  This is a mistake in Signalbox: please report it.\n`,
    );
  }
}
