import { useInfiniteQuery } from '@tanstack/react-query';
import { type AnswerOf, answerOf, api } from '../../api/client.ts';
import { readAllPages } from '../../api/pages.ts';
import { ColumnNames } from '../../parts/ColumnNames.tsx';
import type { Column } from '../../parts/csv.ts';
import { Empty } from '../../parts/Empty.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import listClasses from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { More } from '../../parts/More.tsx';
import { Ref } from '../../parts/Ref.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { texts } from '../../texts/settings.ts';
import classes from './Settings.module.css';

export type Act = AnswerOf<'listAccountActs'>['acts'][number];

async function readActs(person: string | undefined, after: string | null, limit: number) {
  const query = { limit, ...(person !== undefined && { person }), ...(after !== null && { after }) };
  return await answerOf(api.GET('/api/account-acts', { params: { query } }));
}

/** All of them, for an export. */
export async function readAllActs(person: string | undefined): Promise<Act[]> {
  return await readAllPages(async (after) => {
    const { acts, next } = await readActs(person, after, 500);
    return { rows: acts, next };
  });
}

/** What was done to accounts, newest first. */
export function ActTable({
  person,
  limit,
}: {
  readonly person?: string | undefined;
  readonly limit: number;
}) {
  const list = useInfiniteQuery({
    queryKey: ['account-acts', person, limit],
    queryFn: ({ pageParam }) => readActs(person, pageParam, limit),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  const rows = list.data?.pages.flatMap(({ acts }) => acts) ?? [];
  const names = texts.acts.columns;
  if (list.isPending) return <Waiting rows={5} />;
  if (list.data === undefined) return <Failure error={list.error} retry={() => void list.refetch()} />;
  if (rows.length === 0) {
    return (
      <Empty title={texts.acts.nothing.title}>
        <p>{texts.acts.nothing.text}</p>
      </Empty>
    );
  }
  return (
    <>
      <table className={`${listClasses.list} ${classes.list}`}>
        <ColumnNames of={Object.values(names)} />
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td data-name={names.at}>
                <Moment at={row.at} />
              </td>
              <th scope="row">{row.act.replaceAll('_', ' ')}</th>
              <td data-name={names.person}>{row.person !== null && <Ref of={`person:${row.person}`} />}</td>
              <td data-name={names.actor}>
                <Ref of={row.actor} />
              </td>
              <td data-name={names.detail}>
                <Foreign text={detailText(row)} chars={200} plain />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {list.hasNextPage && (
        <div className={classes.acts}>
          <More list={list} text={texts.acts.more} />
        </div>
      )}
    </>
  );
}

function detailText({ detail }: Act): string {
  if (typeof detail !== 'object' || detail === null) return '';
  return Object.entries(detail)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join(' · ');
}

export const actColumns: readonly Column<Act>[] = [
  { name: 'id', value: (row) => row.id },
  { name: 'at', value: (row) => row.at },
  { name: 'act', value: (row) => row.act },
  { name: 'person', value: (row) => row.person },
  { name: 'actor', value: (row) => row.actor },
  { name: 'detail', value: (row) => JSON.stringify(row.detail) },
];
