import Type from 'typebox';
import { limits } from '../limits.ts';
import { formatDuration } from './duration.ts';
import { duration, reference, section, slug, webAddress } from './schema-terms.ts';

/** Who settles what Signalbox finds, and who is called while all is well. */

export const detection = section(
  {
    owner: reference('Who takes them first.', { examples: ['team:ops'] }),
    alternate: reference('Who gets them when the owner has not taken them; someone else than the owner.'),
    ttl: Type.Optional(
      duration('Someone has taken it by then, or it escalates.', {
        default: formatDuration(limits.detectionTtlMs),
      }),
    ),
    resolve_within: Type.Optional(
      duration('It is settled by then, or it escalates.', {
        default: formatDuration(limits.detectionResolveWithinMs),
      }),
    ),
    escalate: Type.Optional(
      Type.Array(reference('The next one up.'), { maxItems: 20, description: 'Who comes after both.' }),
    ),
    root_causes: Type.Optional(
      Type.Array(slug('One label.'), {
        minItems: 1,
        maxItems: 100,
        uniqueItems: true,
        description: 'What a resolution names; without it any text.',
      }),
    ),
    stuck_after: Type.Optional(
      duration('A ticket whose handoffs have not moved for this long is stuck.', {
        default: formatDuration(limits.stuckAfterMs),
      }),
    ),
  },
  'Who settles what Signalbox finds about no workflow in particular: somebody who is gone, work that nobody does. Without it, the exceptions of the first workflow (by name) say it.',
);

export const heartbeat = section(
  {
    url: Type.String({
      ...webAddress,
      description: 'What is called (GET), only while every check of /health/ready passes.',
      examples: ['https://hc.example.com/ping/signalbox'],
    }),
    every: duration('How often; at least 10s.', { examples: ['1m'] }),
    allow_private: Type.Optional(
      Type.Boolean({ default: false, description: 'Private addresses are refused unless true.' }),
    ),
  },
  'A call to somebody outside, who raises the alarm when it stays away: nothing here can tell that all of it is down.',
);
