import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { people } from '../../api/queries.ts';
import { Empty } from '../../parts/Empty.tsx';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Listed } from '../../parts/Listed.tsx';
import listClasses from '../../parts/list.module.css';
import { useFresh } from '../../shell/useFresh.ts';
import { texts } from '../../texts/people.ts';
import classes from './People.module.css';
import { Reach } from './Reach.tsx';
import { type Answerable, columns } from './reach.ts';

/** Who answers for what, and has what open. */
export function People() {
  useFresh(['people']);
  const list = useQuery(people);
  const rows = list.data?.people ?? [];
  return (
    <div className={classes.page}>
      <header className={classes.titleRow}>
        <h1>{texts.title}</h1>
        <span className={classes.space} />
        <ExportButton name="people" columns={columns} rows={async () => rows} />
      </header>
      <Listed
        list={list}
        waiting={{ rows: 8 }}
        isEmpty={rows.length === 0}
        nothing={
          <Empty title={texts.nobody.title}>
            <p>{texts.nobody.text}</p>
          </Empty>
        }
      >
        <Table title={texts.teams} rows={rows.filter(({ kind }) => kind === 'team')} />
        <Table title={texts.persons} rows={rows.filter(({ kind }) => kind === 'person')} />
      </Listed>
    </div>
  );
}

function Table({ title, rows }: { readonly title: string; readonly rows: readonly Answerable[] }) {
  if (rows.length === 0) return null;
  const { columns: names } = texts;
  return (
    <section>
      <h2>{title}</h2>
      <table className={`${listClasses.list} ${classes.list}`}>
        <thead>
          <tr>
            <th scope="col">{names.name}</th>
            <th scope="col">{names.answers}</th>
            <th scope="col">{names.reach}</th>
            {[names.waiting, names.claimed, names.late, names.approvals, names.outcomes].map((name) => (
              <th key={name} scope="col" className={classes.right}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.ref} id={row.ref}>
              <th scope="row">
                <Link to="/people/$key" params={{ key: row.ref }} className={classes.name}>
                  <Icon name={row.kind === 'team' ? 'team' : 'person'} />
                  {row.name}
                </Link>
                {row.kind === 'team' && (
                  <span className={classes.dim}>{texts.members(row.members.length)}</span>
                )}
              </th>
              <td data-name={names.answers}>{answersText(row)}</td>
              <td>
                <Reach of={row} />
              </td>
              <Count name={names.waiting} value={row.exceptions_open} />
              <Count name={names.claimed} value={row.exceptions_claimed} />
              <Count name={names.late} value={row.exceptions_late} bad />
              <Count name={names.approvals} value={row.approvals} />
              <Count name={names.outcomes} value={row.outcomes} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Count({
  name,
  value,
  bad = false,
}: {
  readonly name: string;
  readonly value: number;
  readonly bad?: boolean;
}) {
  return (
    <td className={classes.right} data-name={name} data-none={value === 0} data-bad={bad && value > 0}>
      {value}
    </td>
  );
}

function answersText({ workflows, sources }: Answerable): string {
  const parts = [
    ...(workflows.length > 0 ? [texts.workflows(workflows.length)] : []),
    ...(sources.length > 0 ? [texts.sources(sources.length)] : []),
  ];
  return parts.length === 0 ? texts.nothing : parts.join(', ');
}
