import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { entriesOf } from '../../src/audit/store.ts';
import { exceptionsOf } from '../../src/exceptions/store.ts';
import { advanceHandoff, type HandoffShell } from '../../src/handoff/worker.ts';
import { findTicket } from '../../src/ticket/store.ts';
import type { Destination } from '../../src/workflow/project.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { destination, handoff } from '../support/handoff.ts';
import { type ManualClock, manualClock, projectOf, testShell } from '../support/shell.ts';
import { startTarget, type Target } from '../support/target.ts';

/* What the tests of the handoff worker share: live bindings, made anew before each test. */

export const start = new Date('2026-03-02T09:00:00.000Z');

let database: TestDatabase;
export let target: Target;
export let clock: ManualClock;
export let shell: HandoffShell;
export let tool: Destination;

/** Registers the hooks that make it all; call it once a file. */
export function useHandoffs(): void {
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    target = await startTarget();
    clock = manualClock(start);
    tool = destination(target.url);
    const project = { ...projectOf({ dana: 'd@x', omar: 'o@x' }, { triage: ['omar'] }) };
    shell = {
      ...testShell(database.db, {
        clock,
        project: () => ({ ...project, destinations: new Map([['tool', tool]]) }),
      }),
      workflowAt: async () => null,
    };
  });
  afterEach(() => target.close());
}

/** Replaces parts of the shell. */
export function changeShell(changed: Partial<HandoffShell>): void {
  shell = { ...shell, ...changed };
}

/** Replaces the destination as the project states it. */
export function setTool(changed: Destination): void {
  tool = changed;
}

/** Works until nothing more is due, moving the clock to each next time; the dispatcher's part, without waiting. */
export async function workThrough(ticketId: string, seq = 1): Promise<void> {
  for (;;) {
    const row = await handoff(shell, ticketId, seq);
    if (row.due_at === null) return;
    const waitMs = row.due_at.getTime() - clock.now().getTime();
    if (waitMs > 0) clock.advance(waitMs);
    await advanceHandoff(shell, ticketId, seq);
  }
}

export async function kinds(ticketId: string): Promise<string[]> {
  return (await entriesOf(shell.db, ticketId)).map(({ kind }) => kind);
}

export async function state(ticketId: string) {
  const [row, ticket] = [await handoff(shell, ticketId), await findTicket(shell.db, ticketId)];
  const [exception] = await exceptionsOf(shell.db, ticketId);
  return { handoff: row.state, ticket: ticket?.state, exception: exception?.mode };
}
