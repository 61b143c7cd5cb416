import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useMe } from '../../api/me.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Countdown } from '../../parts/Moment.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { texts } from '../../texts/approvals.ts';
import classes from './Approvals.module.css';
import { Decided } from './Decided.tsx';
import { placeOf } from './place.ts';
import { keyOf, type Row } from './waiting.ts';

/** The rows, by what is asked. */
export function List(props: {
  readonly rows: readonly Row[];
  readonly at: number;
  readonly chosen: string | null;
}) {
  const { rows, at, chosen } = props;
  const kinds = [
    [texts.sections.approvals, 'approval'],
    [texts.sections.outcomes, 'outcome'],
  ] as const;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
    <section className={classes.scroller} tabIndex={0} aria-label={texts.title}>
      {kinds.map(([title, kind]) => {
        const own = rows.filter((row) => row.kind === kind);
        return own.length === 0 ? null : (
          <section key={kind}>
            <h2 className={classes.kind}>
              {title} <span>{own.length}</span>
            </h2>
            <ul className={classes.rows}>
              {own.map((row) => (
                <li key={keyOf(row)}>
                  <Item row={row} here={rows[at] === row} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      {rows.length === 0 && (
        <Empty title={texts.nothing.title}>
          <p>{texts.nothing.how}</p>
        </Empty>
      )}
      <Decided chosen={chosen} />
    </section>
  );
}

function Item({ row, here }: { readonly row: Row; readonly here: boolean }) {
  const me = useMe();
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (here) link.current?.scrollIntoView({ block: 'nearest' });
  }, [here]);
  return (
    <Link
      ref={link}
      {...placeOf(row)}
      className={classes.row}
      aria-current={here ? 'true' : undefined}
      data-mine={me.answersAs.includes(row.on)}
    >
      <span className={classes.name}>
        <Foreign text={row.identity} chars={80} plain />
      </span>
      <Countdown until={row.dueAt} {...(row.askedAt !== null && { from: row.askedAt })} />
      <span className={classes.dim}>
        {row.handoff} {texts.request.to} {row.destination}
      </span>
      <span className={classes.who}>
        {row.needed > 1 && <span>{texts.facts.short(row.yes.length, row.needed)}</span>}
        {me.answersAs.includes(row.on) && <span className={classes.mine}>{texts.mine}</span>}
        <Ref of={row.on} />
      </span>
    </Link>
  );
}
