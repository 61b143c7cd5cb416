/**
 * Whether somebody is at this page. What it asks for by itself, long after they have last touched anything, says so, and puts off
 * no end of their session.
 */

/** The server notes the use of a session this often. */
const noteMs = 60_000;

let touchedAt = Date.now();
let askedAt = Date.now();

/** Notes that something is asked for; true: somebody is there. */
export function asksAttended(): boolean {
  const attended = Date.now() - touchedAt < noteMs;
  if (attended) askedAt = Date.now();
  return attended;
}

/** Listens to what people do in a page, until the returned function is called. `tell`: they do something, and nothing has been asked for. */
export function watchPresence(page: EventTarget, tell: () => void): () => void {
  const touched = () => {
    touchedAt = Date.now();
    if (touchedAt - askedAt < noteMs) return;
    askedAt = touchedAt;
    tell();
  };
  const acts = ['keydown', 'pointerdown', 'wheel'] as const;
  const options = { capture: true, passive: true };
  for (const act of acts) page.addEventListener(act, touched, options);
  return () => {
    for (const act of acts) page.removeEventListener(act, touched, options);
  };
}
