import classes from './parts.module.css';

/** How a state is to be taken. */
export type Mood = 'good' | 'bad' | 'warn' | 'calm' | 'idle';

const moods: Readonly<Record<string, Mood>> = {
  done: 'good',
  confirmed: 'good',
  confirmed_by_person: 'good',
  accepted: 'good',
  approved: 'good',
  exception: 'bad',
  open: 'bad',
  failed: 'bad',
  rejected: 'bad',
  refused: 'bad',
  overdue: 'bad',
  contradicted: 'bad',
  unconfirmed: 'bad',
  triage: 'warn',
  claimed: 'warn',
  awaiting_approval: 'warn',
  discarded: 'idle',
  cancelled: 'idle',
  resolved: 'idle',
};

function moodOf(state: string): Mood {
  return moods[state] ?? 'calm';
}

/** A state as a word with a mark: never by colour alone. */
export function State({ state, mood = moodOf(state) }: { readonly state: string; readonly mood?: Mood }) {
  return (
    <span className={classes.state} data-mood={mood}>
      {state.replaceAll('_', ' ')}
    </span>
  );
}
