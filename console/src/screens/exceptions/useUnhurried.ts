import { startTransition, useEffect, useRef, useState } from 'react';

/** Longer than a held key takes to repeat, shorter than it takes to look at something. */
const hurryMs = 120;

/** A value, but not each of those that pass by in a hurry: they are left out, and the one that it stops at is taken. */
export function useUnhurried<T>(value: T): T {
  const [taken, setTaken] = useState(value);
  const changedAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const now = performance.now();
    const waitMs = now - changedAt.current < hurryMs ? hurryMs : 0;
    changedAt.current = now;
    const timer = setTimeout(() => startTransition(() => setTaken(value)), waitMs);
    return () => clearTimeout(timer);
  }, [value]);
  return taken;
}
