import { useSyncExternalStore } from 'react';
import { texts } from '../texts/parts.ts';
import { Icon } from './Icon.tsx';
import classes from './parts.module.css';

/** One short line about what was just done, read aloud by screen readers, with a way back where there is one. */
interface Notice {
  readonly id: number;
  readonly text: string;
  readonly bad: boolean;
  readonly undo: { readonly label: string; readonly run: () => void } | null;
}

let notices: readonly Notice[] = [];
let last = 0;
const watchers = new Set<() => void>();
const shownMs = 7_000;
const shownMax = 3;

export function notify(
  text: string,
  { bad = false, undo = null }: Partial<Pick<Notice, 'bad' | 'undo'>> = {},
): void {
  last += 1;
  const id = last;
  become([...notices, { id, text, bad, undo }].slice(-shownMax));
  setTimeout(() => dismiss(id), bad ? 3 * shownMs : shownMs);
}

/** Takes back the newest notice that can be; false where there is none. */
export function undoLast(): boolean {
  const notice = notices.findLast(({ undo }) => undo !== null);
  if (notice === undefined) return false;
  dismiss(notice.id);
  notice.undo?.run();
  return true;
}

function dismiss(id: number): void {
  become(notices.filter((notice) => notice.id !== id));
}

function become(next: readonly Notice[]): void {
  notices = next;
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function Notices() {
  const shown = useSyncExternalStore(watch, () => notices);
  return (
    <div className={classes.notices} role="status">
      {shown.map(({ id, text, bad, undo }) => (
        <div key={id} className={classes.notice} data-bad={bad}>
          <span>{text}</span>
          {undo !== null && (
            <button
              type="button"
              className={classes.more}
              onClick={() => {
                dismiss(id);
                undo.run();
              }}
            >
              {undo.label}
            </button>
          )}
          <button type="button" className={classes.plain} onClick={() => dismiss(id)}>
            <Icon name="close" label={texts.close} />
          </button>
        </div>
      ))}
    </div>
  );
}
