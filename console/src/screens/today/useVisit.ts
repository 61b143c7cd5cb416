import { useEffect, useState } from 'react';
import { visitAt, visitOf } from './visit.ts';

const noteEveryMs = 60_000;

/** Since when what is here is new to this person, as this browser knows it. ISO 8601. */
export function useVisit(actor: string): string {
  const key = `signalbox.looked.${actor}`;
  const [visit] = useState(() => visitAt(visitOf(localStorage.getItem(key)), Date.now()));
  useEffect(() => {
    const note = () => {
      if (document.visibilityState === 'visible') {
        localStorage.setItem(key, JSON.stringify({ ...visit, seen: Date.now() }));
      }
    };
    note();
    const timer = setInterval(note, noteEveryMs);
    return () => {
      note();
      clearInterval(timer);
    };
  }, [key, visit]);
  return new Date(visit.since).toISOString();
}
