import { hidesAnything, type Shown, withoutHidden } from '../contract/redaction.ts';
import type { Shell } from '../shell.ts';
import type { TicketRow } from '../ticket/store.ts';
import { storedWorkflows } from '../workflow/worker.ts';
import type { Caller } from './caller.ts';
import { allows } from './right-check.ts';
import { seesHidden } from './rights.ts';

/** Shows a payload of a ticket to one caller: whole, or without what its contract hides. */
export interface Show {
  (payload: unknown): Shown;
  /** Nothing of it is hidden from this caller, so that its bytes can be given as they came. */
  readonly whole: boolean;
  /** Where the payload stands in a form. */
  readonly jsonField: string | null;
}

/**
 * What a contract marks as hidden is shown to who may work on the ticket, for they repair it. Everybody else who may read
 * gets it without: by the contract that decided it and by the one in force, whichever hides more. Where neither is known
 * any more, all of it is hidden.
 */
export function hiddenValues(shell: Pick<Shell, 'db' | 'project'>) {
  const workflowOf = storedWorkflows(shell.db);
  return async (caller: Caller | null, ticket: TicketRow): Promise<Show> => {
    const inForce = shell.project().workflows.get(ticket.workflow);
    const may =
      caller !== null &&
      seesHidden !== 'open' &&
      (await allows(shell, seesHidden, caller, { id: ticket.id }));
    if (may) return showing((value) => ({ value, hidden: [] }), true, null);
    const decided = await workflowOf(ticket.workflow_version);
    const known = [decided, inForce].filter((each) => each != null);
    const schemas =
      known.length === 0 ? [{ writeOnly: true }] : known.map(({ trigger }) => trigger.contract.schema);
    const jsonField = (decided ?? inForce)?.trigger.jsonField ?? null;
    return showing((value) => withoutHidden(schemas, value), !schemas.some(hidesAnything), jsonField);
  };
}

function showing(show: (payload: unknown) => Shown, whole: boolean, jsonField: string | null): Show {
  return Object.assign(show, { whole, jsonField });
}
