import { pino } from 'pino';
import type { Clock } from '../../src/platform/clock.ts';
import { plusMs } from '../../src/platform/instant.ts';
import type { Shell } from '../../src/shell.ts';
import type { Project } from '../../src/workflow/project.ts';

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function manualClock(start: Date): ManualClock {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now = plusMs(now, ms);
    },
  };
}

/** People and teams by key; everyone has an address unless `email` is null. */
export function projectOf(
  people: Readonly<Record<string, string | null>>,
  teams: Readonly<Record<string, string[]>>,
) {
  return {
    name: 'test',
    server: { host: '127.0.0.1', port: 0, trustedProxies: [] },
    signIn: { url: null, idleMs: 3_600_000, secret: null, oidc: null },
    sources: new Map(),
    destinations: new Map(),
    people: new Map(Object.entries(people).map(([key, email]) => [key, { key, name: key, email }])),
    teams: new Map(Object.entries(teams).map(([key, members]) => [key, { key, name: key, members }])),
    workflows: new Map(),
    bundles: new Map(),
  } satisfies Project;
}

/** A shell on a test's database: a clock moved by hand, a silent log, nobody who works on handoffs. */
export function testShell(
  db: Shell['db'],
  given: { readonly clock: Clock; readonly project: () => Project },
): Shell {
  return {
    db,
    clock: given.clock,
    log: pino({ level: 'silent' }),
    wake: () => {},
    project: given.project,
    secrets: () => [],
  };
}
