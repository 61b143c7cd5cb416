import { isMapping } from '../place.ts';
import { sectionsOf } from '../reference.ts';
import { firstCases } from '../skeleton-cases.ts';
import { caseFileSchema } from './schema.ts';

/** The reference of the case language, from its schema. Pure; docs/reference/cases.md is its text. */
export function casesMarkdown(): string {
  const [, ...sections] = sectionsOf('', shortened({ ...caseFileSchema }, 0));
  return `${[preamble, `\`\`\`yaml\n${firstCases.trimEnd()}\n\`\`\``, '## The file', ...sections, reporting].join('\n\n')}\n`;
}

const preamble = `# Cases

<!-- Made from src/workflow/cases/schema.ts by reference.ts beside it. Do not edit; run \`npx vitest run src/workflow/cases/reference.test.ts -u\`. -->

A case says what a workflow must do with one trigger. \`signalbox test\` decides the cases of all files in \`cases/\` with the very function
that decides in production, plays what happens then, and shows what does not hold: expected, came, why, and where it is written. Nothing is
sent, nothing is stored, and the clock of a case is its own. Editors complete and check keys with [case.schema.json](case.schema.json).
5,000 cases take about three seconds on two cores: half a second to decide and compare them, the rest to read their YAML.

- What is **not named** may be anything. A mapping holds at least what is expected of it, a list exactly that.
- A **deadline** is how long after the clock it lies (\`15m\`), or the instant (\`2026-03-02T09:15:00Z\`). The clock goes on with \`wait\`, with
  attempts that come later, and to the end of \`within\` with \`read\`.
- A **text** of \`summary\` and \`reasons\` is contained in what is said; every other text is all of it.
- \`not\` takes each of its keys by itself: none of them may hold.
- **Paths** are relative to the file and stay in the project folder.

This is what \`signalbox init\` writes:`;

const reporting = `## What is reported

| \`--format\` | for |
|---|---|
| \`pretty\` | people; the default |
| \`tap\` | [TAP 14](https://testanything.org/tap-version-14-specification.html) |
| \`junit\` | GitLab, Jenkins and others |
| \`github\` | annotations at the lines of a pull request |
| \`json\` | programs; \`--json\` is the same |

\`--format junit=report.xml\` writes to a file; the option may be repeated. Exit code 0: everything holds. 1: a case fails, a case file has a
mistake, a generated payload breaks what must hold, less is covered than \`--coverage-min\` asks for, or the project does not compile.

**Generated payloads.** For each workflow \`--generate\` payloads (default 100) are made from its contract, among them what its expressions
compare with. Each gets an owner, ends in a state of the ladder with a confidence from 0 to 1, and is neither failed by an expression nor
refused by a destination's document. One that breaks this is made as small as can be and printed with its seed; \`--keep\` writes it to
\`cases/\` as a case that fails until the workflow or the contract is repaired. The same \`--seed\` makes the same payloads.

**Coverage** counts what the written cases show of a workflow: rungs reached, each check held and failed, each route chosen, each signal
true and false, each handoff promised, approved and confirmed, each failure mode that it can come to. \`--coverage\` names what is missing.

**A real ticket** becomes a case with \`signalbox test --record TICKET --out cases/name.yaml\`: names, addresses, numbers and all other texts
that the contract does not list are replaced by others of the same shape, the same by the same. What the decision depends on stays and
is named. Times stay too. Read the file before you share it.`;

/** What stands in several places is shown at the first: \`not\` is written as \`expect\`, and a step's as a case's. */
function shortened(schema: unknown, depth: number): Readonly<Record<string, unknown>> {
  if (!isMapping(schema)) return {};
  const { properties, items, patternProperties } = schema;
  const parts = Object.entries(isMapping(properties) ? properties : {}).map(([key, part]) => {
    const repeated = key === 'not' || (key === 'expect' && depth > 2);
    const { properties: _, ...bare } = isMapping(part) ? part : {};
    return [key, repeated ? bare : shortened(part, depth + 1)];
  });
  const values = Object.entries(isMapping(patternProperties) ? patternProperties : {});
  return {
    ...schema,
    ...(isMapping(properties) && { properties: Object.fromEntries(parts) }),
    ...(isMapping(items) && { items: shortened(items, depth + 1) }),
    ...(isMapping(patternProperties) && {
      patternProperties: Object.fromEntries(values.map(([key, part]) => [key, shortened(part, depth + 1)])),
    }),
  };
}
