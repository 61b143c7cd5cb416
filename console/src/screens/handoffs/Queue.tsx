import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type HandoffTo, readHandoffsTo } from '../../api/house.ts';
import { readAllPages } from '../../api/pages.ts';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { Listed } from '../../parts/Listed.tsx';
import classes from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { More } from '../../parts/More.tsx';
import { PersonLink } from '../../parts/PersonLink.tsx';
import { type Mood, State } from '../../parts/State.tsx';
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
  return await readAllPages(async (after) => {
    const { handoffs, next } = await readHandoffsTo(key, after, 500);
    return { rows: handoffs, next };
  });
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
      <Listed
        list={list}
        waiting={{ rows: 3 }}
        isEmpty={rows.length === 0}
        nothing={<p className={classes.dim}>{texts.none}</p>}
      >
        <Table rows={rows} />
        <More list={list} text={texts.more} />
      </Listed>
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
