import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useLayoutEffect, useMemo, useRef } from 'react';
import type { QueuedException } from '../../api/shapes.ts';
import { Empty } from '../../parts/Empty.tsx';
import { type Shortcut, useShortcuts } from '../../shell/keys.ts';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/exceptions.ts';
import { Detail } from './Detail.tsx';
import classes from './Exceptions.module.css';
import { Filters } from './Filters.tsx';
import { List } from './List.tsx';
import { keyOf } from './pages.ts';
import { useQueue } from './useQueue.ts';
import { useUnhurried } from './useUnhurried.ts';

/** The exception queue: the list and one of it, side by side; on a narrow screen one after the other. */
export function Exceptions() {
  const filter = useSearch({ from: '/frame/exceptions' });
  const { ticketId, seq } = useParams({ strict: false });
  const selected = ticketId !== undefined && seq !== undefined ? `${ticketId}/${seq}` : null;
  // The list answers a key first; the detail follows, and is left out for what was only passed by.
  const shown = useUnhurried(selected);
  const [shownTicket = '', shownSeq] = shown?.split('/') ?? [];
  // Until it has followed, its keys would act on something that is selected no longer.
  const chosen = useRef(selected);
  useLayoutEffect(() => {
    chosen.current = selected;
  }, [selected]);
  const isChosen = useCallback((key: string) => chosen.current === key, []);
  useFresh([]);
  const queue = useQueue(filter);
  const navigate = useNavigate();
  const { rows } = queue;
  const places = useMemo(() => new Map(rows.map((row, index) => [keyOf(row), index])), [rows]);
  const at = selected === null ? -1 : (places.get(selected) ?? -1);

  const show = useCallback(
    (row: QueuedException, replace = false) => {
      const params = { ticketId: row.ticket_id, seq: String(row.seq) };
      void navigate({ to: '/exceptions/$ticketId/$seq', params, search: filter, replace });
    },
    [navigate, filter],
  );
  const open = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row !== undefined) show(row, at !== -1);
    },
    [rows, show, at],
  );
  const back = useCallback(() => void navigate({ to: '/exceptions', search: filter }), [navigate, filter]);
  const shortcuts = useMemo<Shortcut[]>(() => {
    const group = texts.group;
    return [
      { keys: 'j', what: texts.keys.next, group, run: () => open(at + 1) },
      { keys: 'k', what: texts.keys.previous, group, run: () => open(Math.max(0, at - 1)) },
      { keys: 'Escape', what: texts.keys.back, group, run: back },
    ];
  }, [open, at, back]);
  useShortcuts(shortcuts);

  return (
    <div className={classes.screen} data-detail={selected !== null}>
      <section className={classes.side} aria-label={texts.title}>
        <Filters filter={filter} count={rows.length} more={queue.more} />
        <List queue={queue} filter={filter} at={at} show={show} />
      </section>
      <section className={classes.detail} aria-label={texts.detail}>
        {shown === null ? (
          <Empty title={rows.length === 0 ? texts.nothing.title : texts.choose}>
            {rows.length > 0 && <p>{texts.chooseHint}</p>}
          </Empty>
        ) : (
          <Detail key={shown} ticketId={shownTicket} seq={Number(shownSeq)} back={back} isChosen={isChosen} />
        )}
      </section>
    </div>
  );
}
