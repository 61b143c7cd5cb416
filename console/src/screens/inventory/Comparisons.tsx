import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answerOf, api } from '../../api/client.ts';
import { type Comparison, type ComparisonReport, comparisons } from '../../api/house.ts';
import { useMe } from '../../api/me.ts';
import { ExportButton } from '../../parts/ExportButton.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import classes from '../../parts/list.module.css';
import { Moment } from '../../parts/Moment.tsx';
import { span } from '../../parts/moments.ts';
import { State } from '../../parts/State.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useFresh } from '../../shell/useFresh.ts';
import { texts as all } from '../../texts/inventory.ts';
import { comparisonColumns } from './columns.ts';

const texts = all.compared;
const { columns } = texts;

/** What is compared with what others have, when each last succeeded, and what differed. */
export function Comparisons() {
  useFresh(['comparisons'], 5_000);
  const list = useQuery(comparisons);
  const me = useMe();
  return (
    <section className={classes.section} aria-labelledby="comparisons">
      <div className={classes.sectionHead}>
        <h2 id="comparisons">{texts.title}</h2>
        <span className={classes.small}>{texts.lead}</span>
        <span className={classes.space} />
        {list.data !== undefined && list.data.length > 0 && (
          <ExportButton
            name="reconciliations"
            columns={comparisonColumns}
            rows={async () => list.data ?? []}
          />
        )}
      </div>
      {list.isPending && <Waiting rows={2} />}
      {list.data === undefined && list.error !== null && (
        <Failure error={list.error} retry={() => void list.refetch()} />
      )}
      {list.data?.length === 0 && <p className={classes.dim}>{texts.none}</p>}
      {list.data !== undefined && list.data.length > 0 && <Table rows={list.data} may={me.may('work')} />}
    </section>
  );
}

function Table({ rows, may }: { readonly rows: readonly Comparison[]; readonly may: boolean }) {
  return (
    <table className={classes.list}>
      <thead>
        <tr>
          <th scope="col">{columns.subject}</th>
          <th scope="col">{columns.succeeded}</th>
          <th scope="col">{columns.every}</th>
          <th scope="col" className={classes.right}>
            {columns.listed}
          </th>
          <th scope="col" className={classes.right}>
            {columns.missing}
          </th>
          <th scope="col" className={classes.right}>
            {columns.differing}
          </th>
          <th scope="col">{columns.trouble}</th>
          {may && <td />}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={`${row.kind} ${row.subject}`} row={row} may={may} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row, may }: { readonly row: Comparison; readonly may: boolean }) {
  const compare = useCompare(row.subject);
  const busy = compare.isPending || row.under_way;
  return (
    <tr>
      <th scope="row">
        {row.kind === 'target' ? (
          <Link to="/handoffs/$destination" params={{ destination: row.subject }}>
            {row.subject}
          </Link>
        ) : (
          row.subject
        )}
        <div className={classes.small}>{texts.kinds[row.kind]}</div>
      </th>
      <td>
        <span className={classes.label}>{columns.succeeded}</span>
        {row.succeeded_at === null ? texts.never : <Moment at={row.succeeded_at} />}
      </td>
      <td>
        <span className={classes.label}>{columns.every}</span>
        {row.every_ms === null ? texts.onDemand : span(row.every_ms)}
      </td>
      <Figure name={columns.listed} value={row.listed} />
      <Figure name={columns.missing} value={row.missing} />
      <Figure name={columns.differing} value={row.differing} />
      <td>
        {row.failures > 0 && <State state={texts.failed(row.failures)} mood="bad" />}
        {row.error !== null && (
          <div className={classes.small}>
            <Foreign text={row.error} chars={200} />
          </div>
        )}
        {compare.error !== null && <Failure error={compare.error} />}
        {compare.data !== undefined && <Report report={compare.data} />}
      </td>
      {may && (
        <td className={classes.right}>
          {row.kind === 'list' && (
            <Button
              size="compact-xs"
              variant="default"
              disabled={busy}
              onClick={() => compare.mutate()}
              aria-label={`${texts.now}: ${row.subject}`}
            >
              {busy ? texts.comparing : texts.now}
            </Button>
          )}
        </td>
      )}
    </tr>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: number }) {
  return (
    <td className={classes.right}>
      <span className={classes.label}>{name}</span>
      {value.toLocaleString('en')}
    </td>
  );
}

function Report({ report }: { readonly report: ComparisonReport }) {
  return (
    <p className={classes.small} role="status">
      {texts.done[report.end]} {texts.report(report)}
      {report.error !== null && (
        <>
          {' '}
          <Foreign text={report.error} chars={300} />
        </>
      )}
    </p>
  );
}

/** Compares a source's own list now. What is missing is taken through intake, as at any other time. */
function useCompare(source: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/api/reconciliations/{source}', {
          params: { path: { source } },
          body: {},
          headers: { 'content-type': 'application/json' },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ['comparisons'] }),
  });
}
