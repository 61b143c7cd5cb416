import { type Static, Type } from 'typebox';
import { detectors } from '../detection/detectors/worker.ts';
import { countFindings } from '../detection/finding/store.ts';
import { listRounds } from '../detection/round/store.ts';
import { detectedModes } from '../exceptions/exception.ts';
import type { Routes } from './deps.ts';
import { closed, nullable, problems, Time } from './wire.ts';

const Detection = closed({
  detectors: Type.Array(
    closed({
      name: Type.String(),
      mode: Type.Enum([...detectedModes], { description: 'the failure mode of what it finds' }),
      ran_at: nullable(Time),
      succeeded_at: nullable(Time),
      due_at: nullable(Time),
      error: nullable(Type.String({ description: 'what went wrong in its last round' })),
    }),
  ),
  open: Type.Array(
    closed({
      mode: Type.Enum([...detectedModes]),
      findings: Type.Integer({ description: 'open at this moment; GET /api/exceptions?mode= shows them' }),
    }),
  ),
});

/** What is looked for, on the wire. */
export type DetectionJson = Static<typeof Detection>;

/** GET /api/detection: what is looked for, when it last was, and what is open. */
export const detectionRoutes: Routes = async (app, { deps }) => {
  app.get(
    '/detection',
    {
      schema: {
        operationId: 'getDetection',
        summary: 'What Signalbox looks for by itself, when each was last looked for, and how much is open',
        tags: ['project'],
        response: { 200: Detection, ...problems(401, 403, 500) },
      },
    },
    async () => {
      const { db } = deps.shell;
      const rounds = new Map((await listRounds(db)).map((round) => [round.name, round]));
      const time = (at: Date | null | undefined) => at?.toISOString() ?? null;
      return {
        detectors: detectors.map(({ name, mode }) => {
          const round = rounds.get(name);
          return {
            name,
            mode: mode as DetectionJson['open'][number]['mode'],
            ran_at: time(round?.ran_at),
            succeeded_at: time(round?.succeeded_at),
            due_at: time(round?.due_at),
            error: round?.error ?? null,
          };
        }),
        open: (await countFindings(db)).map(({ mode, open }) => ({
          mode: mode as DetectionJson['open'][number]['mode'],
          findings: open,
        })),
      };
    },
  );
};
