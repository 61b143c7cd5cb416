import { type Static, type TSchema, Type } from 'typebox';
import type { Act } from '../exceptions/lifecycle.ts';
import { limits } from '../limits.ts';
import { closed, RefText, text } from './wire.ts';

const Text = text(limits.noteCharsMax);
const Index = Type.Integer({ minimum: 0, description: 'the point of the checklist, counted from 0' });

/** A choice by the value of one member, so that what is wrong is said of the chosen form only. */
function oneOf<T extends Readonly<Record<string, TSchema>>>(member: string, forms: T) {
  return Type.Unsafe<Static<T[keyof T]>>({
    type: 'object',
    required: [member],
    discriminator: { propertyName: member },
    oneOf: Object.values(forms),
  });
}

const resolving = {
  act: Type.Literal('resolve'),
  root_cause: text(limits.rootCauseCharsMax),
  note: Type.Optional(text(limits.noteCharsMax, 0)),
};

const Resolve = oneOf('resolution', {
  replay: closed({
    ...resolving,
    resolution: Type.Literal('replay'),
    payload: Type.Optional(Type.Unknown({ description: 'decide on this JSON instead of what came in' })),
  }),
  reroute: closed({ ...resolving, resolution: Type.Literal('reroute'), to: RefText }),
  retry: closed({ ...resolving, resolution: Type.Literal('retry') }),
  confirm: closed({ ...resolving, resolution: Type.Literal('confirm'), evidence: Text }),
  discard: closed({ ...resolving, resolution: Type.Literal('discard'), reason: Text }),
});

/** What a person does to an exception, as it is posted. */
export const ActBody = oneOf('act', {
  claim: closed({ act: Type.Literal('claim') }),
  release: closed({ act: Type.Literal('release') }),
  note: closed({ act: Type.Literal('note'), text: Text }),
  tick: closed({ act: Type.Literal('tick'), index: Index }),
  waive: closed({ act: Type.Literal('waive'), index: Index, reason: Text }),
  resolve: Type.Unsafe<Static<typeof Resolve>>({ ...Resolve, properties: { act: Type.Literal('resolve') } }),
});

/** The act as its decider takes it. */
export function actFrom(body: Static<typeof ActBody>): Act {
  if (body.act !== 'resolve') return body;
  const { root_cause, note = '', ...how } = body;
  return { ...how, rootCause: root_cause, note } as Act;
}
