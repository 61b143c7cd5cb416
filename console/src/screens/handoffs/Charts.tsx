import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import type { Attempts } from '../../api/house.ts';
import listClasses from '../../parts/list.module.css';
import { timeOfDay } from '../../parts/moments.ts';
import { texts } from '../../texts/handoffs.ts';
import classes from './Handoffs.module.css';

type Steps = Attempts['steps'];

const { series } = texts;
const results = [
  { name: 'accepted', label: series.accepted, color: 'var(--good)' },
  { name: 'rejected', label: series.rejected, color: 'var(--bad)' },
  { name: 'unknown', label: series.unknown, color: 'var(--warn)' },
  { name: 'not_sent', label: series.not_sent, color: 'var(--dim)' },
];
const latencies = [
  { name: 'p50', label: series.p50, color: 'var(--accent)' },
  { name: 'p99', label: series.p99, color: 'var(--warn)' },
];

/** Two small charts over one time, and the same as a table for whoever does not see them. */
export function Charts({ steps }: { readonly steps: Steps }) {
  const data = steps.map((step) => ({
    time: timeOfDay(Date.parse(step.at)).slice(0, 5),
    accepted: step.accepted,
    rejected: step.rejected,
    unknown: step.unknown,
    not_sent: step.not_sent,
    p50: rounded(step.p50_ms),
    p99: rounded(step.p99_ms),
  }));
  const both = {
    h: 168,
    data,
    dataKey: 'time',
    withLegend: true,
    tickLine: 'none',
    gridAxis: 'x',
    strokeDasharray: '0',
    textColor: 'var(--dim)',
    gridColor: 'var(--line)',
    yAxisProps: { width: 44, allowDecimals: false },
    xAxisProps: { minTickGap: 40 },
  } as const;
  return (
    <div className={classes.charts}>
      <figure className={classes.chart}>
        <figcaption>{texts.results}</figcaption>
        <div aria-hidden="true">
          <BarChart
            {...both}
            type="stacked"
            series={results.filter(({ name }) => data.some((row) => row[name as 'accepted'] > 0))}
            barChartProps={quiet}
            barProps={{ isAnimationActive: false }}
            tooltipAnimationDuration={0}
          />
        </div>
      </figure>
      <figure className={classes.chart}>
        <figcaption>{texts.latency}</figcaption>
        <div aria-hidden="true">
          <LineChart
            {...both}
            series={latencies}
            curveType="linear"
            connectNulls={false}
            strokeWidth={1.5}
            dotProps={{ r: 2 }}
            lineChartProps={quiet}
            lineProps={{ isAnimationActive: false }}
            tooltipAnimationDuration={0}
          />
        </div>
      </figure>
      <details className={classes.asTable}>
        <summary>{texts.asTable}</summary>
        <AsTable steps={steps} />
      </details>
    </div>
  );
}

/** Drawings that are no control: the table says the same to screen readers. */
const quiet = { accessibilityLayer: false };

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}

function AsTable({ steps }: { readonly steps: Steps }) {
  const rows = steps.filter(({ p50_ms }) => p50_ms !== null).toReversed();
  return (
    <table className={listClasses.list}>
      <thead>
        <tr>
          <th scope="col">{texts.step}</th>
          {[...results, ...latencies].map(({ name, label }) => (
            <th key={name} scope="col" className={listClasses.right}>
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((step) => (
          <tr key={step.at}>
            <th scope="row">{timeOfDay(Date.parse(step.at))}</th>
            {[step.accepted, step.rejected, step.unknown, step.not_sent].map((count, index) => (
              <td key={results[index]?.name} className={listClasses.right}>
                <span className={listClasses.label}>{results[index]?.label}</span>
                {count}
              </td>
            ))}
            {[step.p50_ms, step.p99_ms].map((ms, index) => (
              <td key={latencies[index]?.name} className={listClasses.right}>
                <span className={listClasses.label}>{latencies[index]?.label}</span>
                {ms === null ? '' : texts.ms(ms)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
