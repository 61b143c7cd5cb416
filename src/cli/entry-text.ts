import { timeOfDay } from './moments.ts';
import { tame } from './output.ts';

type Data = Readonly<Record<string, unknown>>;

/**
 * What an entry says, as the rest of a line that begins with its kind; '' where the kind says it all. Pure.
 * A kind that is not known here is told by its data, so that no entry is ever left out.
 */
export function entryText(kind: string, data: Data): string {
  const told = sentences[kind];
  return tame(told === undefined ? generic(data) : told(reader(data)));
}

/** Members of an entry's data as text; '' where they are absent. */
interface Reader {
  (name: string): string;
  /** With words before it, where it is there. */
  (name: string, before: string): string;
}

function reader(data: Data): Reader {
  return (name: string, before = '') => {
    const value = data[name];
    if (value === undefined || value === null || value === '') return '';
    return before + valueText(value);
  };
}

const sentences: Readonly<Record<string, (of: Reader) => string>> = {
  received: (of) =>
    `${of('bytes')} bytes${of('content_type', ' of ')}${of('part', ', part ')}${of('delivery', ' of delivery ')}`,
  duplicate_joined: (of) => `the same content again, ${of('bytes')} bytes`,
  outdated_joined: (of) => `older content, version ${of('came')} after ${of('held')}`,
  decided: (of) => `${of('decision')}${of('route', ' to ')}${of('confidence', ', confidence ')}`,
  replayed: (of) =>
    `as revision ${of('revision')}${of('changed', ', changed: ')}${of('reroute_to', ', sent to ')}`,
  revised: (of) => `by newer content as revision ${of('revision')}${of('changed', ', changed: ')}`,
  done: () => '',
  discarded: () => '',
  handoff_promised: (of) =>
    `${handoff(of)} at ${of('destination')}, ${of('state')}${of('undoes', ', takes back ')}`,
  handoff_released: (of) => `${handoff(of)}, after ${of('after')}`,
  handoff_attempted: (of) =>
    `${handoff(of)}, attempt ${of('attempt')}: ${of('operation')} at ${of('destination')}`,
  handoff_looked_up: (of) =>
    `${handoff(of)}, by ${of('operation')} at ${of('destination')}: ${String(of('verdict')).replace('_', ' ')}`,
  handoff_accepted: (of) => `${handoff(of)}: ${of('detail')}; to be proved by ${of('confirm_by')}`,
  handoff_retry_planned: (of) => `${handoff(of)}: ${of('detail')}; again at ${of('at')}`,
  handoff_failed: (of) => `${handoff(of)}: ${of('detail')}`,
  handoff_result_late: (of) => `${handoff(of)}: ${of('detail')}; it had moved on`,
  handoff_cancelled: (of) => `${handoff(of)}, which was ${of('was')}${of('reason', ': ')}`,
  approval_approved: (of) => `${handoff(of)}${of('reason', ': ')}`,
  approval_refused: (of) => `${handoff(of)}${of('reason', ': ')}`,
  approval_counted: (of) => `${handoff(of)}, ${of('missing')} more needed${of('reason', ': ')}`,
  approval_reminded: (of) => `${handoff(of)}, ${of('by')}: until ${of('due_at')}`,
  approval_passed_on: (of) => `${handoff(of)}, from ${of('from')} to ${of('to')}, until ${of('due_at')}`,
  approval_link_made: (of) => `${handoff(of)}, for ${of('for')} until ${of('until')}`,
  approval_overdue: (of) => `${handoff(of)}: no answer of ${of('by')}`,
  outcome_probed: (of) => `${handoff(of)}, look ${of('probe')}: ${of('verdict')}`,
  outcome_confirmed: (of) => `${handoff(of)}${of('same', ': as sent stand ')}`,
  outcome_confirmed_by_person: (of) => handoff(of),
  callback_received: (of) => `${handoff(of)}: ${of('verdict')}`,
  callback_late: (of) => `${handoff(of)}: it was settled before`,
  confirmation_asked: (of) => `${handoff(of)}, ${of('by')}: until ${of('due_at')}`,
  confirmation_reminded: (of) => `${handoff(of)}, ${of('by')}: until ${of('due_at')}`,
  confirmation_denied: (of) => handoff(of),
  confirmation_overdue: (of) => `${handoff(of)}: no word of ${of('by')}`,
  ownership_transferred: (of) => `from ${of('from')} to ${of('to')}${of('reason', ': ')}`,
  outcome_contradicted: (of) => `${handoff(of)}: ${of('verdict')}${of('fields', ', differs in ')}`,
  outcome_unconfirmed: (of) => `${handoff(of)}: ${of('verdict')}`,
  exception_opened: (of) =>
    `${number(of)} ${of('mode')}, on ${of('responsible')}, to be claimed by ${of('claim_by')}`,
  exception_claimed: (of) => `${number(of)}, until ${of('lapses_at')} without work on it`,
  exception_released: (of) => `${number(of)}, to be claimed by ${of('claim_by')}`,
  exception_noted: (of) => `${number(of)}: ${of('text')}`,
  exception_escalated: (of) => `${number(of)}, from ${of('from')} to ${of('to')} (${of('why')})`,
  exception_reminded: (of) => `${number(of)}, ${of('responsible')}: nobody is above`,
  exception_sla_missed: (of) => `${number(of)}, on ${of('responsible')}`,
  exception_resolved: (of) =>
    `${number(of)} by ${of('resolution')}, root cause ${of('root_cause')}${of('reason', ': ')}${of('evidence', ': ')}${of('note', ' – ')}`,
  claim_lapsed: (of) => `${number(of)}, of ${of('claimed_by')}`,
  checklist_ticked: (of) => `${number(of)}: ${of('point')}`,
  checklist_waived: (of) => `${number(of)}: ${of('point')}${of('reason', ' – ')}`,
};

function handoff(of: Reader): string {
  return `${of('handoff_seq')} ${of('handoff')}`;
}

function number(of: Reader): string {
  return of('exception');
}

function generic(data: Data): string {
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${valueText(value)}`)
    .join(', ');
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? timeOfDay(value) : value;
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
