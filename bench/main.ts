import { parseArgs } from 'node:util';
import { writeCharts } from './charts.ts';
import { benchHandoff, handoffBenchText } from './handoff.ts';
import { benchIntake } from './intake.ts';
import { benchPlan, planBenchText } from './plan.ts';
import { reportText } from './report-text.ts';

const usage = `npm run bench -- intake [--json] [--seconds N] [--stored N] [--smoke] [--charts]

  --json        the report as JSON on standard output, and nothing else there
  --seconds N   one turn of one server at one number of connections (default 5)
  --stored N    measures on an empty database, and again with N tickets stored
  --smoke       some seconds in all: whether it runs and counts, not how fast
  --charts      also writes docs/performance/ (SVG and the report)

npm run bench -- handoff [--json] [--seconds N] [--smoke]

  --seconds N   the larger, the larger the backlog that is worked off (default 5)

npm run bench -- plan [--json] [--tickets N]

  --tickets N   recorded tickets that are decided again (default 100000)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '5' },
    stored: { type: 'string', default: '0' },
    smoke: { type: 'boolean', default: false },
    charts: { type: 'boolean', default: false },
    tickets: { type: 'string', default: '100000' },
  },
});
const tell = (line: string) => process.stderr.write(`${line}\n`);
const tickets = Number(values.tickets);
if (positionals.join(' ') === 'plan' && Number.isInteger(tickets) && tickets > 0) {
  const report = await benchPlan({ tickets, tell });
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : planBenchText(report));
  process.exit();
}
if (positionals.join(' ') === 'handoff' && Number(values.seconds) > 0) {
  const seconds = values.smoke ? 0.2 : Number(values.seconds);
  const report = await benchHandoff({ seconds, turns: values.smoke ? 1 : 3, tell });
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : handoffBenchText(report));
  process.exit();
}
const [seconds, stored] = [Number(values.seconds), Number(values.stored)];
if (positionals.join(' ') !== 'intake' || !(seconds > 0) || !(Number.isInteger(stored) && stored >= 0)) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}

const report = await benchIntake({
  seconds: values.smoke ? 0.25 : seconds,
  turns: values.smoke ? 1 : 3,
  stored,
  tell,
});
if (values.charts) await writeCharts(report);
process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
