import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type HandoffTo, readHandoffsTo } from '../../api/house.ts';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import classes from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { PersonLink } from '../../parts/PersonLink.tsx';
import { type Mood, State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts as all } from '../../texts/handoffs.ts';
import { handoffColumns } from './columns.ts';

const texts = all.queue;
const { columns } = texts;
const rowsPerPage = 50;

const moods: Readonly<Record<HandoffTo['state'], Mood>> = {
  awaiting_approval: 'warn',
  waiting: 'idle',
  ready: 'calm',
  attempting: 'calm',
  confirming: 'calm',
};

async function readAll(key: string): Promise<HandoffTo[]> {
  const rows: HandoffTo[] = [];
  for (let after: string | null = null, more = true; more; more = after !== null) {
    const { handoffs, next } = await readHandoffsTo(key, after, 500);
    rows.push(...handoffs);
    after = next;
  }
  return rows;
}

/** What waits for a destination, what is due first before. */
export function Queue({ destination }: { readonly destination: string }) {
  const list = useInfiniteQuery({
    queryKey: ['handoffs-to', destination],
    queryFn: ({ pageParam }) => readHandoffsTo(destination, pageParam, rowsPerPage),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const rows = list.data?.pages.flatMap(({ handoffs }) => handoffs) ?? [];
  return (
    <section className={classes.section} aria-labelledby="queue">
      <div className={classes.sectionHead}>
        <h2 id="queue">{texts.title}</h2>
        <span className={classes.space} />
        {rows.length > 0 && (
          <ExportButton
            name={`handoffs-to-${destination}`}
            columns={handoffColumns}
            rows={() => readAll(destination)}
          />
        )}
      </div>
      {list.isPending ? (
        <Waiting rows={3} />
      ) : list.data === undefined ? (
        <Failure error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <p className={classes.dim}>{texts.none}</p>
      ) : (
        <>
          <Table rows={rows} />
          {list.hasNextPage && (
            <Button
              variant="default"
              disabled={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              {texts.more}
            </Button>
          )}
        </>
      )}
    </section>
  );
}

function Table({ rows }: { readonly rows: readonly HandoffTo[] }) {
  return (
    <table className={classes.list}>
      <thead>
        <tr>
          <th scope="col">{columns.identity}</th>
          <th scope="col">{columns.state}</th>
          <th scope="col">{columns.workflow}</th>
          <th scope="col">{columns.handoff}</th>
          <th scope="col">{columns.owner}</th>
          <th scope="col" className={classes.right}>
            {columns.attempts}
          </th>
          <th scope="col" className={classes.right}>
            {columns.due}
          </th>
          <th scope="col" className={classes.right}>
            {columns.until}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.ticket_id}/${row.seq}`}>
            <th scope="row">
              <Link to="/tickets/$id" params={{ id: row.ticket_id }}>
                <Foreign text={row.identity} chars={80} plain />
              </Link>
            </th>
            <td>
              <State state={texts.states[row.state]} mood={moods[row.state]} />
            </td>
            <td>
              <Link to="/map/$workflow" params={{ workflow: row.workflow }}>
                {row.workflow}
              </Link>
            </td>
            <td>{row.handoff}</td>
            <td>
              <PersonLink of={row.owner} />
            </td>
            <td className={classes.right}>
              <span className={classes.label}>{columns.attempts}</span>
              {row.attempts}
            </td>
            <td className={classes.right}>
              <span className={classes.label}>{columns.due}</span>
              {row.due_at !== null && <Moment at={row.due_at} />}
            </td>
            <td className={classes.right}>
              <span className={classes.label}>{columns.until}</span>
              <Moment at={row.confirm_by ?? row.give_up_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
