import { limits } from '../../limits.ts';
import { chanceOfAtLeast } from '../chance.ts';

/** How many of some tickets failed. */
export interface Rate {
  readonly failed: number;
  readonly of: number;
}

/** How a window stands against what is usual. */
export interface Jump {
  readonly alarm: boolean;
  /** Of so many failures, or more, where nothing has changed. */
  readonly chance: number;
}

/** So many windows fit in the time of one false alarm. */
const allowedChance = limits.rateWindowMs / limits.rateFalseAlarmMs;

/**
 * Whether a window fails more than is usual: significantly, several times as often, and not on a handful of tickets; of
 * what is told already a handful says that it is still so. Without a past of its own a workflow is held against nothing. Pure.
 */
export function jumpOf(recent: Rate, usual: Rate, isTold = false): Jump {
  const chance = chanceOfAtLeast(recent.failed, recent.of, usual);
  const enough = isTold || (recent.of >= limits.rateTicketsMin && recent.failed >= limits.rateFailuresMin);
  const times = recent.failed * usual.of >= limits.rateTimesMin * usual.failed * recent.of;
  const alarm = enough && times && usual.of >= limits.rateTicketsMin && chance < allowedChance;
  return { alarm, chance };
}

/** What is usual once a window has passed: the past counts half after two weeks. Pure. */
export function usualAfter(usual: Rate, window: Rate): Rate {
  const kept = 0.5 ** (limits.rateWindowMs / (14 * 86_400_000));
  return { failed: usual.failed * kept + window.failed, of: usual.of * kept + window.of };
}
