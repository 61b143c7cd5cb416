import { useMemo, useState } from 'react';
import { useMe } from '../../api/me.ts';
import { texts } from '../../texts/exceptions.ts';
import { type Filter, filterOf } from './filter.ts';

/** A filter with a name. `own`: saved in this browser, and can be forgotten. */
export interface View {
  readonly name: string;
  readonly filter: Filter;
  readonly own: boolean;
}

const storageKey = 'signalbox.views';
const viewsMax = 50;

export function useViews() {
  const me = useMe();
  const [saved, setSaved] = useState(load);
  const views = useMemo((): View[] => {
    const given: View[] = [
      { name: texts.views.all, filter: {}, own: false },
      { name: texts.views.triage, filter: { queue: 'triage' }, own: false },
      { name: texts.views.unclaimed, filter: { state: 'open' }, own: false },
      { name: texts.views.resolved, filter: { state: 'resolved' }, own: false },
    ];
    const mine = me.answersAs.map((ref): View => {
      return { name: texts.views.on(ref.replace(/^\w+:/, '')), filter: { responsible: ref }, own: false };
    });
    return [...given, ...mine, ...saved];
  }, [me, saved]);
  const become = (next: readonly View[]) => {
    localStorage.setItem(storageKey, JSON.stringify(next.map(({ name, filter }) => ({ name, filter }))));
    setSaved(next);
  };
  return {
    views,
    save: (view: Omit<View, 'own'>) => {
      const others = saved.filter(({ name }) => name !== view.name);
      become([...others, { ...view, own: true }].slice(-viewsMax));
    },
    forget: (name: string) => become(saved.filter((view) => view.name !== name)),
  };
}

function load(): readonly View[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    if (!Array.isArray(stored)) return [];
    return stored.map(({ name, filter }) => ({ name: String(name), filter: filterOf(filter), own: true }));
  } catch {
    return [];
  }
}
