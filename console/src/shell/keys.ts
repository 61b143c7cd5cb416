import { useLayoutEffect, useSyncExternalStore } from 'react';

/**
 * The keyboard: what a key does now, by whoever is on the screen. `j`, `?`, `g t` (one after the other), `mod+k`
 * (⌘ or Ctrl), `Escape`. Single letters do nothing while somebody types, and may be turned off (WCAG 2.1.4).
 */
export interface Shortcut {
  readonly keys: string;
  /** For the help. */
  readonly what: string;
  readonly group: string;
  readonly run: () => void;
  /** Also while typing; only sensible with `mod` or Escape. */
  readonly always?: boolean;
}

let held: readonly (readonly Shortcut[])[] = [];
let overlaid = false;
let first: { key: string; until: number } | null = null;
const watchers = new Set<() => void>();
const storageKey = 'signalbox.letters';

/** Makes shortcuts hold while the component is on the screen; those that came last come first. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  // Before it is painted: what is seen can be used.
  useLayoutEffect(() => {
    become([...held, shortcuts]);
    return () => become(held.filter((each) => each !== shortcuts));
  }, [shortcuts]);
}

/** All that hold now, for the help. */
export function useHeldShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(watch, () => held).flat();
}

export function lettersAreOn(): boolean {
  return localStorage.getItem(storageKey) !== 'off';
}

export function turnLetters(on: boolean): void {
  localStorage.setItem(storageKey, on ? 'on' : 'off');
}

/** Before anybody else hears of a key: what it closes was open until then. */
export function noteOverlays(): void {
  overlaid = document.querySelector('[role="dialog"], [role="menu"]') !== null;
}

export function onKeyDown(event: KeyboardEvent): void {
  const key = nameOf(event);
  if (key === null || event.defaultPrevented) return;
  const typing = isTyping(event.target) || overlaid;
  const before = first !== null && first.until > event.timeStamp ? `${first.key} ${key}` : null;
  first = null;
  const shortcut = find((each) => each.keys === before) ?? find((each) => each.keys === key);
  if (shortcut !== undefined) {
    if (typing && shortcut.always !== true) return;
    if (!lettersAreOn() && /^.( .)?$/.test(shortcut.keys)) return;
    event.preventDefault();
    shortcut.run();
  } else if (!typing && find((each) => each.keys.startsWith(`${key} `)) !== undefined) {
    first = { key, until: event.timeStamp + 1_500 };
  }
}

function find(is: (shortcut: Shortcut) => boolean): Shortcut | undefined {
  for (const shortcuts of held.toReversed()) {
    const found = shortcuts.find(is);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameOf({ key, metaKey, ctrlKey, altKey, isComposing }: KeyboardEvent): string | null {
  if (isComposing || altKey || ['Shift', 'Control', 'Meta', 'Alt'].includes(key)) return null;
  return metaKey || ctrlKey ? `mod+${key.toLowerCase()}` : key;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
}

function become(next: typeof held): void {
  held = next;
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
