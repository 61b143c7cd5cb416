import type { Chain } from '../../api/house.ts';
import { type Mood, State } from '../../parts/State.tsx';
import { texts } from '../../texts/inventory.ts';

const moods: Readonly<Record<Chain['health'], Mood>> = {
  failing: 'bad',
  silent: 'warn',
  good: 'good',
  quiet: 'idle',
};

export function Health({ of }: { readonly of: Chain['health'] }) {
  return (
    <span title={texts.healthTitles[of]}>
      <State state={texts.healths[of]} mood={moods[of]} />
    </span>
  );
}
