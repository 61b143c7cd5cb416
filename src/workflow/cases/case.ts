import type { Trigger } from '../../decision.ts';
import type { Path, SourceFile } from '../source-file.ts';
import type { CompiledWorkflow, Ref } from '../workflow.ts';
import type { CaseEntry } from './schema.ts';

/** One case of `cases/*.yaml`, ready to be decided. */
export interface Case {
  readonly name: string;
  /** Its file, and where it stands in it: what does not hold is shown there. */
  readonly file: SourceFile;
  readonly path: Path;
  readonly workflow: CompiledWorkflow;
  readonly trigger: Trigger;
  /** What came first. Null: nothing. */
  readonly held: Held | null;
  readonly rerouteTo: Ref | null;
  readonly now: Date;
  /** What must hold, as it is written. */
  readonly says: Pick<CaseEntry, 'expect' | 'not' | 'then'>;
}

export interface Held {
  readonly trigger: Trigger;
  readonly at: Date;
  /** Why the first ticket takes no other content any more; null: it does. */
  readonly fixed: string | null;
}
