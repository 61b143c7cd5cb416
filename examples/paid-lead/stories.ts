import type { Exception } from './client.ts';
import type { Stage } from './stage.ts';

/** One story of the example: what is promised, what is done, and what must be seen at its end. */
export interface Story {
  readonly name: string;
  /** Why anybody would want it, one sentence. */
  readonly promise: string;
  /** Does it on the running system, and returns what was seen. */
  run(stage: Stage): Promise<Readonly<Record<string, unknown>>>;
  readonly expected: Readonly<Record<string, unknown>>;
}

export const stories: readonly Story[] = [
  {
    name: 'A good lead reaches a named project manager',
    promise:
      'Checked, owned, routed, handed off, and the handoff proved: the record was read back and compared.',
    async run(stage) {
      const lead = stage.lead('good');
      const { ticketId, status } = await stage.send(lead);
      const { ticket } = await stage.until(ticketId, 'done');
      const { state, route, confidence } = ticket;
      return { status, state, route, confidence, managers: stage.managersOf(lead) };
    },
    expected: { status: 202, state: 'done', route: 'team:web', confidence: 1, managers: ['Sam Ortiz'] },
  },
  {
    name: 'A lead without project_type stands in the exception queue',
    promise: 'It is not lost and not guessed at: a person has it, with a deadline and a checklist.',
    async run(stage) {
      const lead = stage.lead('no-project-type');
      const { ticketId, status } = await stage.send(lead);
      const { ticket } = await stage.until(ticketId, 'exception');
      const { mode, responsible, checklist } = await stage.inQueue(ticketId);
      return {
        status,
        state: ticket.state,
        mode,
        responsible,
        points: checklist.length,
        managers: stage.managersOf(lead),
      };
    },
    expected: {
      status: 202,
      state: 'exception',
      mode: 'contract_violation',
      responsible: 'team:triage',
      points: 3,
      managers: [],
    },
  },
  {
    name: 'A person repairs such a lead, and it goes its way',
    promise:
      'Claimed, worked off by its checklist, replayed with the missing field; what was changed stays on record.',
    async run(stage) {
      const lead = stage.lead('no-project-type');
      const { ticketId } = await stage.send(lead);
      const stopped = await stage.until(ticketId, 'exception');
      await stage.settle('person:noor', openOf(stopped.exceptions), {
        resolution: 'replay',
        payload: { ...lead, project_type: 'web' },
        root_cause: 'sender-changed-form',
        note: 'The new form has no project_type; it is a website.',
      });
      const { ticket, exceptions } = await stage.until(ticketId, 'done');
      return { state: ticket.state, exception: exceptions[0]?.state, managers: stage.managersOf(lead) };
    },
    expected: { state: 'done', exception: 'resolved', managers: ['Sam Ortiz'] },
  },
  {
    name: 'A repeated webhook is joined to the first',
    promise: 'Senders repeat themselves. One lead is one ticket and one project, however often it is sent.',
    async run(stage) {
      const lead = stage.lead('web-shop');
      const first = await stage.send(lead);
      await stage.until(first.ticketId, 'done');
      const second = await stage.send(lead);
      const { ticket } = await stage.story(first.ticketId);
      const sameTicket = second.ticketId === first.ticketId;
      return { status: second.status, sameTicket, joined: ticket.joined, managers: stage.managersOf(lead) };
    },
    expected: { status: 200, sameTicket: true, joined: 1, managers: ['Sam Ortiz'] },
  },
  {
    name: 'The same lead id with other content is an exception',
    promise: 'Which of the two is right, no rule can know: neither is overwritten, and a person decides.',
    async run(stage) {
      const lead = stage.lead('good');
      const first = await stage.send(lead);
      await stage.until(first.ticketId, 'done');
      const second = await stage.send({ ...stage.lead('other-content'), lead_id: lead.lead_id });
      const { ticket, exceptions } = await stage.until(second.ticketId, 'exception');
      const sameTicket = second.ticketId === first.ticketId;
      const { mode } = openOf(exceptions);
      return {
        status: second.status,
        sameTicket,
        state: ticket.state,
        mode,
        managers: stage.managersOf(lead),
      };
    },
    expected: {
      status: 202,
      sameTicket: false,
      state: 'exception',
      mode: 'conflicting_duplicate',
      managers: ['Sam Ortiz'],
    },
  },
  {
    name: 'An unclear lead goes to triage, with its confidence and why',
    promise: 'Routing says how sure it is, shows its arithmetic, and does not guess below its threshold.',
    async run(stage) {
      const lead = stage.lead('unclear');
      const { ticketId } = await stage.send(lead);
      const { ticket, exceptions } = await stage.until(ticketId, 'triage');
      const { state, confidence } = ticket;
      return {
        state,
        confidence: confidence?.toFixed(2),
        mode: openOf(exceptions).mode,
        managers: stage.managersOf(lead),
      };
    },
    expected: { state: 'triage', confidence: '0.33', mode: 'low_confidence', managers: [] },
  },
  {
    name: 'A large budget waits for a person’s yes',
    promise: 'Nothing is sent before finance has answered, and the answer has a deadline too.',
    async run(stage) {
      const lead = stage.lead('large-budget');
      const { ticketId } = await stage.send(lead);
      await stage.untilIt(
        ticketId,
        'waits for approval',
        ({ handoffs }) => handoffs[0]?.state === 'awaiting_approval',
      );
      const before = stage.managersOf(lead);
      await stage.approve('person:ruth', ticketId, 'Budget confirmed by phone.');
      const { ticket } = await stage.until(ticketId, 'done');
      return { before, state: ticket.state, after: stage.managersOf(lead) };
    },
    expected: { before: [], state: 'done', after: ['Sam Ortiz'] },
  },
  {
    name: 'The project tool says 201 and has dropped a field',
    promise: 'An answer is a claim. The read-back shows that the record is not what was sent.',
    async run(stage) {
      const lead = stage.lead('brand');
      await stage.tell({ mode: 'drop-field', field: 'type', count: 1, lead: lead.lead_id });
      const { ticketId } = await stage.send(lead);
      const { ticket, exceptions } = await stage.until(ticketId, 'exception');
      return { state: ticket.state, mode: openOf(exceptions).mode, managers: stage.managersOf(lead) };
    },
    expected: { state: 'exception', mode: 'contradicted', managers: [''] },
  },
  {
    name: 'The project tool says 201 and has stored nothing',
    promise: 'Without proof in time the handoff does not count as done; a person hears of it.',
    async run(stage) {
      const lead = stage.lead('brand');
      await stage.tell({ mode: 'store-nothing', count: 1, lead: lead.lead_id });
      const { ticketId } = await stage.send(lead);
      const { ticket, exceptions } = await stage.until(ticketId, 'exception');
      return { state: ticket.state, mode: openOf(exceptions).mode, managers: stage.managersOf(lead) };
    },
    expected: { state: 'exception', mode: 'unconfirmed', managers: [] },
  },
  {
    name: 'The project tool is down, is asked again, and takes it when it is back',
    promise: 'A handoff is a durable promise: it is repeated, within bounds, and arrives once.',
    async run(stage) {
      const lead = stage.lead('web-shop');
      await stage.tell({ mode: 'down' });
      const { ticketId } = await stage.send(lead);
      await stage.untilIt(
        ticketId,
        'has been tried in vain',
        ({ handoffs }) => handoffs[0]?.attempts[0]?.result != null,
      );
      await stage.tell({ mode: 'well' });
      const { ticket, handoffs } = await stage.until(ticketId, 'done');
      const retried = (handoffs[0]?.attempts.length ?? 0) > 1;
      return { state: ticket.state, retried, managers: stage.managersOf(lead) };
    },
    expected: { state: 'done', retried: true, managers: ['Sam Ortiz'] },
  },
  {
    name: 'The project tool answers too late, and still opens one project',
    promise:
      'Nobody knows whether a call without an answer took effect. Its repetition carries the same key.',
    async run(stage) {
      const lead = stage.lead('good');
      await stage.tell({ mode: 'slow', ms: 10_000, count: 1, lead: lead.lead_id });
      const { ticketId } = await stage.send(lead);
      const { ticket, handoffs } = await stage.until(ticketId, 'done');
      const retried = (handoffs[0]?.attempts.length ?? 0) > 1;
      return { state: ticket.state, retried, managers: stage.managersOf(lead) };
    },
    expected: { state: 'done', retried: true, managers: ['Sam Ortiz'] },
  },
  {
    name: 'The project tool answers twice, and is heard once',
    promise: 'A second answer to one call belongs to no call: it changes nothing.',
    async run(stage) {
      const lead = stage.lead('brand');
      await stage.tell({ mode: 'answer-twice', count: 1, lead: lead.lead_id });
      const { ticketId } = await stage.send(lead);
      const { ticket, handoffs } = await stage.until(ticketId, 'done');
      return {
        state: ticket.state,
        attempts: handoffs[0]?.attempts.length,
        managers: stage.managersOf(lead),
      };
    },
    expected: { state: 'done', attempts: 1, managers: ['Ines Kato'] },
  },
  {
    name: 'An exception that nobody takes escalates to the alternate',
    promise: 'A queue that nobody watches is where leads die. This one has a deadline: here, three seconds.',
    async run(stage) {
      const { ticketId } = await stage.send(stage.lead('small-budget'));
      const before = openOf((await stage.until(ticketId, 'exception')).exceptions);
      const escalated = await stage.untilIt(ticketId, 'escalates', ({ exceptions }) => {
        return openOf(exceptions).responsible !== before.responsible;
      });
      const { mode, responsible } = openOf(escalated.exceptions);
      return { mode, from: before.responsible, to: responsible };
    },
    expected: { mode: 'check_failed', from: 'person:theo', to: 'person:dana' },
  },
  {
    name: 'A trigger with a wrong signature is not taken',
    promise: 'Who cannot prove to be the landing page gets 401, and leaves no ticket.',
    async run(stage) {
      const { status, ticketId } = await stage.sendForged(stage.lead('good'));
      return { status, ticketId };
    },
    expected: { status: 401, ticketId: null },
  },
];

/** The exception of a ticket that waits for a person. */
function openOf(exceptions: readonly Exception[]): Exception {
  const open = exceptions.find(({ state }) => state !== 'resolved');
  if (open === undefined) throw new Error('No exception is open');
  return open;
}
