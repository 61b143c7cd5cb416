import type { Destination } from '../../api/house.ts';
import type { Mood } from '../../parts/State.tsx';

/** How the state of a destination's circuit is to be taken. */
export const circuitMoods: Readonly<Record<Destination['state'], Mood>> = {
  closed: 'good',
  open: 'bad',
  recovering: 'warn',
  paused: 'warn',
};
