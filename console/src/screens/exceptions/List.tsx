import { Link, useRouter } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type MouseEvent, memo, useCallback, useEffect, useMemo, useRef } from 'react';
import type { QueuedException } from '../../api/shapes.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Countdown } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/exceptions.ts';
import classes from './Exceptions.module.css';
import type { Filter } from './filter.ts';
import { keyOf } from './pages.ts';
import type { Queue } from './useQueue.ts';

const rowHeight = 66;

interface ListProps {
  readonly queue: Queue;
  readonly filter: Filter;
  readonly at: number;
  readonly show: (row: QueuedException) => void;
}

/** The rows of the queue. Only those in sight are drawn, however many there are. */
export function List(props: ListProps) {
  const { queue, filter, at, show } = props;
  const { rows, look } = queue;
  const scroller = useRef<HTMLDivElement>(null);
  // The same as long as the rows are: with another one every row, drawn or not, is placed anew.
  const getItemKey = useCallback(
    (index: number) => {
      const row = rows[index];
      return row === undefined ? index : keyOf(row);
    },
    [rows],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const router = useRouter();
  const search = useMemo(
    () => router.buildLocation({ to: '/exceptions', search: filter }).searchStr,
    [router, filter],
  );
  useEffect(() => look(first, last), [look, first, last]);
  useEffect(() => {
    if (at !== -1) virtual.scrollToIndex(at);
  }, [at, virtual]);

  if (queue.loading) return <Waiting rows={9} height={44} />;
  if (queue.error !== null) return <Failure error={queue.error} retry={queue.retry} />;
  if (rows.length === 0) {
    const filtered = Object.keys(filter).length > 0;
    return (
      <Empty title={filtered ? texts.noMatch.title : texts.nothing.title}>
        <p>{filtered ? texts.noMatch.text : texts.nothing.text}</p>
        {filtered && <Link to="/exceptions">{texts.noMatch.all}</Link>}
      </Empty>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
    <section ref={scroller} className={classes.scroller} tabIndex={0} aria-label={texts.rows}>
      <ul className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const row = rows[index];
          return row === undefined ? null : (
            <li
              key={key}
              className={classes.item}
              style={{ transform: `translateY(${start}px)`, height: rowHeight }}
              aria-setsize={queue.more ? -1 : rows.length}
              aria-posinset={index + 1}
            >
              <Row row={row} search={search} here={index === at} show={show} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface RowProps {
  readonly row: QueuedException;
  readonly search: string;
  readonly here: boolean;
  readonly show: (row: QueuedException) => void;
}

/** A plain link: the router's own would each be worked out anew whenever the address changes, which is at every key. */
const Row = memo(function Row({ row, search, here, show }: RowProps) {
  const who = row.claimed_by ?? row.responsible;
  return (
    <a
      href={`/exceptions/${keyOf(row)}${search}`}
      onClick={(event) => {
        if (!isPlain(event)) return;
        event.preventDefault();
        show(row);
      }}
      className={classes.row}
      aria-current={here ? 'true' : undefined}
    >
      <span className={classes.summary}>
        <Foreign text={row.summary} chars={160} plain />
      </span>
      <span className={classes.due}>
        {row.state === 'resolved' ? (
          <State state={row.resolution ?? row.state} mood="idle" />
        ) : (
          row.due_at !== null && <Countdown until={row.due_at} from={row.opened_at} />
        )}
      </span>
      <span className={classes.facts}>
        <State
          state={row.mode}
          mood={row.state === 'open' ? 'bad' : row.state === 'claimed' ? 'warn' : 'idle'}
        />
        <span className={classes.workflow}>{row.workflow}</span>
      </span>
      <span className={classes.who}>
        <Ref of={who} />
      </span>
    </a>
  );
});

/** Not one that opens a tab, a window, or saves. */
function isPlain({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean {
  return button === 0 && !(metaKey || ctrlKey || shiftKey || altKey);
}
