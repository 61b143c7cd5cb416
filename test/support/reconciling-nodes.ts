import type { Connection } from '../../src/db/connect.ts';
import { createReconciler, type Reconciler } from '../../src/detection/reconciliation/worker.ts';
import type { HandoffShell } from '../../src/handoff/worker.ts';
import { createIntake, type Intake } from '../../src/intake/worker.ts';
import { plusMs } from '../../src/platform/instant.ts';
import { loadProject } from '../../src/workflow/load.ts';
import type { Project } from '../../src/workflow/project.ts';
import { deployWorkflows } from '../../src/workflow/store.ts';
import { storedWorkflows } from '../../src/workflow/worker.ts';
import { testDatabase } from './database.ts';
import { type LeadList, type ListedLead, startLeadList } from './lead-list.ts';
import { leadAt, reconcileFiles } from './reconcile-project.ts';
import { type ManualClock, manualClock, testShell } from './shell.ts';

/** A list of leads, and any number of nodes on one database that compare it; the clock stands still until it is moved. */
export interface ReconcilingNodes {
  readonly list: LeadList;
  readonly database: Connection;
  readonly clock: ManualClock;
  readonly shell: HandoffShell;
  /** One node; `submit`: what the reconciler hands its triggers to, instead of the intake itself. */
  start(submit?: (intake: Intake) => Intake['submit']): {
    readonly reconciler: Reconciler;
    readonly intake: Intake;
  };
  /** Adds a lead to the list, made so many minutes ago, and sends its webhook unless it is dropped. */
  lead(
    id: string,
    minutesAgo: number,
    options?: { dropped?: true; changes?: Record<string, unknown> },
  ): Promise<ListedLead>;
  /** Sends a webhook. */
  send(lead: unknown): Promise<void>;
  /** How many tickets each identity has. */
  tickets(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

/** `database`: where they work instead of a database of the test run; they close it. */
export async function reconcilingNodes(
  changes?: Parameters<typeof reconcileFiles>[1],
  given?: Connection,
): Promise<ReconcilingNodes> {
  const list = await startLeadList();
  const database = given ?? (await testDatabase());
  const clock = manualClock(new Date('2026-03-03T10:00:00Z'));
  const project = soundProject(reconcileFiles(list.url, changes));
  await deployWorkflows(database.db, project, 'test', clock.now());
  const shell: HandoffShell = {
    ...testShell(database.db, { clock, project: () => project }),
    workflowAt: storedWorkflows(database.db),
    secrets: (ref) => ['env' in ref && ref.env === 'LIST_TOKEN' ? 'list-token' : ''],
  };
  const first = createIntake(shell);
  const nodes: { reconciler: Reconciler; intake: Intake }[] = [];
  const send = async (lead: unknown) => {
    const body = Buffer.from(JSON.stringify(lead));
    await first.receive({ source: 'form', contentType: 'application/json', headers: {}, body });
  };
  return {
    list,
    database,
    clock,
    shell,
    send,
    start(submit = (intake) => intake.submit) {
      const intake = createIntake(shell);
      const reconciler = createReconciler(shell, submit(intake));
      nodes.push({ reconciler, intake });
      return { reconciler, intake };
    },
    async lead(id, minutesAgo, { dropped, changes: other } = {}) {
      const lead = leadAt(id, plusMs(clock.now(), -minutesAgo * 60_000), other);
      list.leads.push(lead);
      if (dropped !== true) await send(lead);
      return lead;
    },
    async tickets() {
      const rows = await database.db
        .selectFrom('ticket')
        .select('identity')
        .where('source', '=', 'form')
        .orderBy('identity')
        .execute();
      return Object.fromEntries(
        [...Map.groupBy(rows, ({ identity }) => identity)].map(([identity, all]) => [identity, all.length]),
      );
    },
    async close() {
      for (const { reconciler, intake } of nodes) {
        await reconciler.stop();
        await intake.stop();
      }
      await first.stop();
      await list.close();
      await database.close();
    },
  };
}

export const asked = { dryRun: false, trust: false, since: null } as const;

function soundProject(files: Record<string, string>): Project {
  const { project, diagnostics } = loadProject(new Map(Object.entries(files)));
  if (project === null) throw new Error(JSON.stringify(diagnostics));
  return project;
}
