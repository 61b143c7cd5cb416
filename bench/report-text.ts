import type { IntakeReport } from './intake.ts';

/** The report for a person at a terminal. */
export function reportText(report: IntakeReport): string {
  const { environment } = report;
  const row = (label: string, cells: readonly (string | number)[]) =>
    `${label.padEnd(26)}${cells.map((cell) => String(cell).padStart(14)).join('')}`;
  const speed = (connections: '10' | '100') => {
    const [ours, baseline] = [report.ours[connections], report.baseline[connections]];
    return [
      row(`${connections} connections`, ['ours', 'baseline', 'ratio']),
      row('  accepted a second', [
        ours.accepted_per_s,
        baseline.accepted_per_s,
        report[`ratio_${connections}`],
      ]),
      row('  p50 ms', [ours.p50_ms, baseline.p50_ms, '']),
      row('  p99 ms', [ours.p99_ms, baseline.p99_ms, (ours.p99_ms / baseline.p99_ms).toFixed(2)]),
      '',
    ];
  };
  return `${[
    '',
    ...speed('10'),
    ...speed('100'),
    row('rows a second, ours', [Math.round(report.ours['100'].accepted_per_s * report.rows_per_ticket)]),
    row('rows a second, plain', [report.row_limit_per_s, `${report.row_bytes} bytes`]),
    row('share of the row limit', [`${(100 * report.row_limit_share).toFixed(0)} %`]),
    row('rows a ticket', [report.rows_per_ticket]),
    row('bytes (WAL) a ticket', [report.bytes_per_ticket]),
    row('core decisions a second', [report.core_decisions_per_s]),
    ...(report.of_empty === null
      ? []
      : [
          row(`with ${report.prefilled} stored`, [
            `${(100 * report.of_empty['10']).toFixed(0)} % at 10`,
            `${(100 * report.of_empty['100']).toFixed(0)} % at 100`,
          ]),
        ]),
    row('acknowledged = stored', [report.acknowledged, report.stored]),
    '',
    `${environment.cores} × ${environment.cpu}, ${environment.memory_gb} GB, ${environment.system}, Node ${environment.node}, PostgreSQL ${environment.postgres}, load ${environment.load_average}`,
  ].join('\n')}\n`;
}
