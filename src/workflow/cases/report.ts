import type { Diagnostic } from '../diagnostics.ts';
import type { Project } from '../project.ts';
import type { CompiledWorkflow } from '../workflow.ts';
import type { Case } from './case.ts';
import { type Coverage, type Watched, watchWorkflow } from './coverage.ts';
import { type Generated, generateCases } from './generate.ts';
import { type CaseResult, runCase } from './run.ts';

/** What `signalbox test` has found. */
export interface TestReport {
  /** Every case holds, no payload breaks what must hold, and as much is covered as was asked for. */
  readonly ok: boolean;
  /** What is wrong with the case files. */
  readonly diagnostics: readonly Diagnostic[];
  readonly results: readonly CaseResult[];
  readonly generated: readonly Generated[];
  /** Of each workflow that has been tested, in the order of the project. */
  readonly coverage: readonly Coverage[];
  /** Percent of each workflow that was asked for; null: none. */
  readonly coverageMin: number | null;
}

/** A project whose workflows are watched while their cases are decided. */
export interface WatchedProject {
  readonly project: Project;
  readonly watched: ReadonlyMap<string, Watched>;
}

export function watchedProject(project: Project): WatchedProject {
  const watched = new Map([...project.workflows].map(([name, workflow]) => [name, watchWorkflow(workflow)]));
  const workflows = new Map([...watched].map(([name, { workflow }]) => [name, workflow]));
  return { project: { ...project, workflows }, watched };
}

export interface TestOptions {
  /** Payloads to generate for each workflow; 0: none. */
  readonly generate: number;
  readonly seed: number;
  readonly coverageMin: number | null;
}

/**
 * Decides all cases of a watched project, generates payloads for `workflows`, and says what came of it.
 * Pure; thousands of cases a second.
 */
export function testCases(
  { project, watched }: WatchedProject,
  { cases, diagnostics }: { readonly cases: readonly Case[]; readonly diagnostics: readonly Diagnostic[] },
  workflows: readonly CompiledWorkflow[],
  { generate, seed, coverageMin }: TestOptions,
): TestReport {
  const results = cases.map((one) =>
    runCase(one, project.teams, (life) => watched.get(one.workflow.name)?.note(life)),
  );
  const generated =
    generate === 0 ? [] : workflows.map((each) => generateCases(each, { runs: generate, seed }));
  const tested = new Set([...workflows, ...cases.map(({ workflow }) => workflow)].map(({ name }) => name));
  const coverage = [...watched].flatMap(([name, each]) => (tested.has(name) ? [each.coverage()] : []));
  const ok =
    diagnostics.every(({ severity }) => severity !== 'error') &&
    results.every(({ failures }) => failures.length === 0) &&
    generated.every(({ counterexample }) => counterexample === null) &&
    coverage.every((each) => coverageMin === null || percentOf(each) >= coverageMin);
  return { ok, diagnostics, results, generated, coverage, coverageMin };
}

/** How much of a workflow its cases show, rounded down, so that 100 means all. */
export function percentOf({ covered, points }: Coverage): number {
  return points.length === 0 ? 100 : Math.floor((covered / points.length) * 100);
}
