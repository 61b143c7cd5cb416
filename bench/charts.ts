import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { IntakeReport } from './intake.ts';
import { reportText } from './report-text.ts';

const folder = new URL('../docs/performance/', import.meta.url);
const page = new URL('../docs/performance.md', import.meta.url);

/** Writes the charts of docs/performance.md, the report that they were drawn from, and its figures into the page. */
export async function writeCharts(report: IntakeReport): Promise<void> {
  const { ours, baseline } = report;
  const pair = (of: (figures: typeof ours) => number) => [of(ours), of(baseline)] as const;
  const charts: Record<string, Chart> = {
    'accepted.svg': {
      title: 'Triggers accepted a second (more is better)',
      unit: '',
      groups: [
        { label: '10 connections', values: pair((figures) => figures['10'].accepted_per_s) },
        { label: '100 connections', values: pair((figures) => figures['100'].accepted_per_s) },
      ],
    },
    'latency.svg': {
      title: 'Time to the answer after the commit (less is better)',
      unit: ' ms',
      groups: [
        { label: 'p50, 10 connections', values: pair((figures) => figures['10'].p50_ms) },
        { label: 'p99, 10 connections', values: pair((figures) => figures['10'].p99_ms) },
        { label: 'p50, 100 connections', values: pair((figures) => figures['100'].p50_ms) },
        { label: 'p99, 100 connections', values: pair((figures) => figures['100'].p99_ms) },
      ],
    },
  };
  const stored = report.prefilled === 0 ? '' : `-${report.prefilled}`;
  await mkdir(folder, { recursive: true });
  for (const [name, chart] of Object.entries(charts)) {
    await writeFile(new URL(name.replace('.svg', `${stored}.svg`), folder), svgOf(chart));
  }
  const path = new URL(`intake${stored}.json`, folder);
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  await putIntoPage(stored === '' ? 'empty' : 'stored', report, stored);
  process.stderr.write(`written: ${fileURLToPath(folder)}\n`);
}

/** The figures stand in the page between two marks, so that nobody copies them by hand. */
async function putIntoPage(name: 'empty' | 'stored', report: IntakeReport, suffix: string): Promise<void> {
  const text = await readFile(page, 'utf8');
  const [begin, end] = [`<!-- figures: ${name} -->`, '<!-- end -->'];
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end, from);
  if (from < begin.length || to === -1)
    throw new Error(`docs/performance.md has no place for the figures: ${name}`);
  const charts =
    `![Triggers accepted a second](performance/accepted${suffix}.svg)\n\n` +
    `![Time to the answer](performance/latency${suffix}.svg)`;
  const figures = `\`\`\`text\n${reportText(report).trim()}\n\`\`\``;
  await writeFile(page, `${text.slice(0, from)}\n\n${charts}\n\n${figures}\n\n${text.slice(to)}`);
}

interface Chart {
  readonly title: string;
  readonly unit: string;
  /** Ours, then the baseline's. */
  readonly groups: readonly { readonly label: string; readonly values: readonly [number, number] }[];
}

const [width, left, barHeight, groupGap, top] = [720, 170, 18, 16, 44];
/** Told apart on light and on dark paper, and by the colour-blind. */
const series = [
  { name: 'Signalbox', colour: '#2f7ed8' },
  { name: 'hand-rolled baseline', colour: '#d98a29' },
];

/** Horizontal bars, two a group, each with its value beside it. */
function svgOf({ title, unit, groups }: Chart): string {
  const most = Math.max(...groups.flatMap(({ values }) => values));
  const scale = (width - left - 90) / most;
  const bars = groups.flatMap(({ label, values }, group) => {
    const y = top + group * (2 * barHeight + groupGap);
    const name = `<text x="${left - 10}" y="${y + barHeight + 5}" text-anchor="end">${label}</text>`;
    const rows = values.map((value, index) => {
      const length = Math.max(1, Math.round(value * scale));
      const at = y + index * barHeight;
      return (
        `<rect x="${left}" y="${at}" width="${length}" height="${barHeight - 3}" fill="${series[index]?.colour}"/>` +
        `<text x="${left + length + 6}" y="${at + barHeight - 6}">${value.toLocaleString('en')}${unit}</text>`
      );
    });
    return [name, ...rows];
  });
  const legend = series.map(
    ({ name, colour }, index) =>
      `<rect x="${left + index * 120}" y="${top - 16}" width="10" height="10" fill="${colour}"/>` +
      `<text x="${left + index * 120 + 15}" y="${top - 7}">${name}</text>`,
  );
  const height = top + groups.length * (2 * barHeight + groupGap);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<style>text { font: 12px system-ui, sans-serif; fill: #777 } .title { font-weight: 600; font-size: 14px }</style>
<text class="title" x="0" y="16">${title}</text>
${[...legend, ...bars].join('\n')}
</svg>
`;
}
