import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCaseFiles } from '../../src/cli/case-files.ts';
import { readProjectFiles } from '../../src/platform/project-files.ts';
import { compileCases } from '../../src/workflow/cases/compile.ts';
import { percentOf, testCases, watchedProject } from '../../src/workflow/cases/report.ts';
import { loadProject } from '../../src/workflow/load.ts';

const root = fileURLToPath(new URL('./', import.meta.url));
const { project, diagnostics } = loadProject(await readProjectFiles(root));
const { opened, payloads } = await readCaseFiles(root);

describe('examples/paid-lead', () => {
  it('compiles without a finding', () => {
    expect(diagnostics).toEqual([]);
  });

  it('does what its cases say, which show nearly all of it', () => {
    if (project === null) throw new Error('it does not compile');
    const watched = watchedProject(project);
    const compiled = compileCases(opened, payloads, watched.project);
    const options = { generate: 200, seed: 1, coverageMin: 95 };
    const report = testCases(watched, compiled, [...project.workflows.values()], options);
    expect(report.results.filter(({ failures }) => failures.length > 0)).toEqual([]);
    expect(report.generated.map(({ counterexample }) => counterexample)).toEqual([null]);
    expect(report.diagnostics).toEqual([]);
    expect(report.coverage.map(percentOf)).toEqual([97]);
  });
});
