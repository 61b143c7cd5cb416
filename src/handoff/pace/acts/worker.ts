import { AppError } from '../../../errors.ts';
import type { Shell } from '../../../shell.ts';
import { suggest } from '../../../workflow/suggest.ts';
import { type Circuit, healthy, nextCircuit } from '../circuit.ts';
import { readCircuit, writeCircuit } from '../store.ts';

/**
 * A person stops handoffs to a destination, or lets them go on. It holds on all nodes, is kept over restarts, and each act
 * is recorded with its reason. Throws AppError: `not_found`, and `conflict` where it is so already.
 */
export async function actOnDestination(
  shell: Pick<Shell, 'db' | 'clock' | 'project'>,
  key: string,
  act: 'pause' | 'resume',
  { actor, reason }: { readonly actor: string; readonly reason: string },
): Promise<Circuit> {
  const { destinations } = shell.project();
  const stored = await readCircuit(shell.db, key);
  if (!destinations.has(key) && stored === null) {
    const meant = suggest(key, [...destinations.keys()]);
    throw new AppError('not_found', `There is no destination ${key}`, {
      help: meant === null ? `There are ${[...destinations.keys()].join(', ')}` : `Did you mean ${meant}?`,
    });
  }
  const now = shell.clock.now();
  const circuit = stored?.circuit ?? healthy(now);
  if ((circuit.state === 'paused') === (act === 'pause')) {
    throw new AppError('conflict', act === 'pause' ? `${key} is paused already` : `${key} is not paused`, {
      help:
        circuit.pausedBy === null
          ? `It is ${circuit.state}`
          : `${circuit.pausedBy} paused it: ${circuit.reason}`,
    });
  }
  const next = nextCircuit(circuit, { kind: act, by: actor, reason }, now) ?? circuit;
  const done = act === 'pause' ? ('paused' as const) : ('resumed' as const);
  const version = stored?.version ?? 0;
  if (await writeCircuit(shell.db, key, version, next, { act: done, actor, reason }, now)) return next;
  // It changes now and then by itself; what a person wants does not depend on what it was.
  return await actOnDestination(shell, key, act, { actor, reason });
}
