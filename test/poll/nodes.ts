import { createIntake, type Intake } from '../../src/intake/worker.ts';
import { createPoller, type Poller } from '../../src/poll/worker.ts';
import type { Shell } from '../../src/shell.ts';
import { loadProject } from '../../src/workflow/load.ts';
import type { Project } from '../../src/workflow/project.ts';
import { deployWorkflows } from '../../src/workflow/store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Listing, startListing } from '../support/listing.ts';
import { pollEnv, pollFiles } from '../support/poll-project.ts';
import { type ManualClock, manualClock, testShell } from '../support/shell.ts';

/** One node: its intake and its poller. */
export interface Node {
  readonly poller: Poller;
  readonly intake: Intake;
  stop(): Promise<void>;
}

/** A listing, and any number of nodes on one database that poll it; the clock stands still until it is moved. */
export interface Nodes {
  readonly listing: Listing;
  readonly database: TestDatabase;
  readonly clock: ManualClock;
  readonly shell: Shell;
  /** `receive`: what the poller hands its triggers to, instead of the intake itself. */
  start(receive?: (intake: Intake) => Intake['receive']): Node;
  /** Identities of all tickets, in order of `at`. */
  leads(): Promise<string[]>;
  close(): Promise<void>;
}

export async function pollingNodes(sources?: readonly string[]): Promise<Nodes> {
  const listing = await startListing();
  const database = await testDatabase();
  const clock = manualClock(new Date('2026-03-01T10:00:00Z'));
  const project = soundProject(pollFiles(listing.url, sources));
  await deployWorkflows(database.db, project, 'test', clock.now());
  const shell: Shell = {
    ...testShell(database.db, { clock, project: () => project }),
    secrets: (ref) => ['env' in ref && ref.env === 'CRM_TOKEN' ? pollEnv.CRM_TOKEN : ''],
  };
  const nodes: Node[] = [];
  return {
    listing,
    database,
    clock,
    shell,
    start(receive = (intake) => intake.receive) {
      const intake = createIntake(shell);
      const poller = createPoller(shell, receive(intake));
      const stop = async () => {
        await poller.stop();
        await intake.stop();
      };
      nodes.push({ poller, intake, stop });
      return { poller, intake, stop };
    },
    async leads() {
      const rows = await database.db.selectFrom('ticket').select('identity').execute();
      const at = (identity: string) => Number(identity.replace('lead-', ''));
      return rows.map(({ identity }) => identity).sort((a, b) => at(a) - at(b));
    },
    async close() {
      for (const node of nodes) await node.stop();
      await listing.close();
      await database.close();
    },
  };
}

function soundProject(files: Record<string, string>): Project {
  const { project, diagnostics } = loadProject(new Map(Object.entries(files)));
  if (project === null) throw new Error(JSON.stringify(diagnostics));
  return project;
}
