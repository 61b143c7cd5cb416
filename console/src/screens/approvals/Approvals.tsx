import { useNavigate, useParams, useRouterState } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { Empty } from '../../parts/Empty.tsx';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { type Shortcut, useShortcuts } from '../../shell/keys.ts';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/approvals.ts';
import classes from './Approvals.module.css';
import { Detail } from './Detail.tsx';
import { List } from './List.tsx';
import { placeOf } from './place.ts';
import { useWaiting } from './useWaiting.ts';
import { columns, keyOf } from './waiting.ts';

/** What waits for a person's yes or word, with what exactly is asked beside it. */
export function Approvals() {
  const { ticketId, handoffSeq } = useParams({ strict: false });
  const outcome = useRouterState({
    select: ({ location }) => location.pathname.startsWith('/approvals/outcomes/'),
  });
  useFresh(['approvals', 'outcomes']);
  const { rows, pending, error, retry } = useWaiting();
  const navigate = useNavigate();
  const chosen =
    ticketId === undefined || handoffSeq === undefined
      ? null
      : ({ kind: outcome ? 'outcome' : 'approval', ticketId, handoffSeq: Number(handoffSeq) } as const);
  const at = chosen === null ? -1 : rows.findIndex((row) => keyOf(row) === keyOf(chosen));

  const open = useCallback(
    (index: number) => {
      const row = rows[index];
      if (row !== undefined) void navigate(placeOf(row));
    },
    [rows, navigate],
  );
  const back = useCallback(() => void navigate({ to: '/approvals' }), [navigate]);
  const shortcuts = useMemo<Shortcut[]>(() => {
    const { group } = texts;
    return [
      { keys: 'j', what: texts.keys.next, group, run: () => open(at + 1) },
      { keys: 'k', what: texts.keys.previous, group, run: () => open(Math.max(0, at - 1)) },
      { keys: 'Escape', what: texts.keys.back, group, run: back },
    ];
  }, [open, at, back]);
  useShortcuts(shortcuts);

  return (
    <div className={classes.screen} data-detail={chosen !== null}>
      <section className={classes.side} aria-label={texts.list}>
        <header className={classes.head}>
          <h1>{texts.title}</h1>
          <span className={classes.count}>{pending ? '' : rows.length}</span>
          <span className={classes.space} />
          <ExportButton name="approvals" columns={columns} rows={async () => rows} />
        </header>
        {pending ? (
          <Waiting rows={6} height={44} />
        ) : error !== null ? (
          <div className={classes.padded}>
            <Failure error={error} retry={retry} />
          </div>
        ) : (
          <List rows={rows} at={at} chosen={chosen === null ? null : keyOf(chosen)} />
        )}
      </section>
      <section className={classes.detail} aria-label={texts.detail}>
        {chosen === null ? (
          <Empty title={rows.length === 0 ? texts.nothing.title : texts.choose}>
            <p>{rows.length === 0 ? texts.nothing.text : texts.chooseHint}</p>
          </Empty>
        ) : (
          <Detail key={keyOf(chosen)} chosen={chosen} back={back} />
        )}
      </section>
    </div>
  );
}
