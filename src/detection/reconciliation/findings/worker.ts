import type { Tx } from '../../../db/schema.ts';
import type { HandoffRow } from '../../../handoff/store.ts';
import type { Reading } from '../../../outcome/next-probe.ts';
import type { Shell } from '../../../shell.ts';

export async function tellStale(
  _shell: Shell,
  _tx: Tx,
  _read: { readonly handoff: HandoffRow; readonly reading: Reading; readonly confirmedAt: Date },
  _now: Date,
): Promise<void> {}

export async function staleOver(_shell: Shell, _tx: Tx, _handoff: HandoffRow, _now: Date): Promise<void> {}
