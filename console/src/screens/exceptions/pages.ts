import type { QueuedException } from '../../api/shapes.ts';

/**
 * The loaded part of a queue that changes while one looks at it. It is read in pages by cursor, and a page can be read
 * again alone: what it brings is put in place of what it had. Pure.
 */
export interface Page {
  /** The cursor after which it begins; null: at the beginning. */
  readonly after: string | null;
  readonly rows: readonly QueuedException[];
  /** Null: nothing follows. */
  readonly next: string | null;
  /** Something has changed since it was read. */
  readonly stale?: boolean;
}

interface Key {
  readonly ticket_id: string;
  readonly seq: number;
}

export function keyOf({ ticket_id, seq }: Key): string {
  return `${ticket_id}/${seq}`;
}

/** Puts a page that was read, or read again, into its place. No row stands twice: the page read last has it. */
export function withPage(pages: readonly Page[], page: Page): Page[] {
  const there = new Set(page.rows.map(keyOf));
  const others = pages.map((each) => ({ ...each, rows: each.rows.filter((row) => !there.has(keyOf(row))) }));
  const index = pages.findIndex(({ after }) => after === page.after);
  const before = pages[index];
  if (before === undefined) return [...others, page];
  const pushedOut = pushed(before, page, there);
  return [...others.slice(0, index), page, ...pushedOut, ...others.slice(index + 1)];
}

/** New rows have come in before its last ones: those go on standing, as a page of their own. */
function pushed(before: Page, page: Page, there: ReadonlySet<string>): Page[] {
  if (page.next === null || page.next === before.next) return [];
  const last = before.rows.findLastIndex((row) => there.has(keyOf(row)));
  const rows = before.rows.slice(last + 1);
  return rows.length === 0 ? [] : [{ after: page.next, rows, next: before.next, stale: true }];
}

/** A row as it stands after an act, before the queue is read again; resolved ones go where only others are shown. */
export function withRow(pages: readonly Page[], changed: Partial<QueuedException> & Key): Page[] {
  const gone = (row: QueuedException) => changed.state === 'resolved' && row.state !== 'resolved';
  return pages.map((page) => ({
    ...page,
    rows: page.rows.flatMap((row) => {
      if (keyOf(row) !== keyOf(changed)) return [row];
      return gone(row) ? [] : [{ ...row, ...changed }];
    }),
  }));
}

export function allStale(pages: readonly Page[]): Page[] {
  return pages.map((page) => ({ ...page, stale: true }));
}
