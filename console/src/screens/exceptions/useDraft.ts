import { useState } from 'react';

/** What somebody has typed and not sent: it survives a reload, and is gone with the tab. */
export function useDraft(name: string, first: string) {
  const key = `signalbox.draft.${name}`;
  const [found] = useState(() => {
    const kept = sessionStorage.getItem(key);
    return kept !== null && kept !== first;
  });
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? first);
  const forget = () => sessionStorage.removeItem(key);
  return {
    text,
    found,
    write: (next: string) => {
      setText(next);
      try {
        sessionStorage.setItem(key, next);
      } catch {
        // Too large to be kept: it is still on the screen.
      }
    },
    reset: () => {
      forget();
      setText(first);
    },
    forget,
  };
}
