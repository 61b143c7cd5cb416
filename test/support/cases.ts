import { compileCases, type OpenedCases, openCases } from '../../src/workflow/cases/compile.ts';
import {
  type TestOptions,
  type TestReport,
  testCases,
  watchedProject,
} from '../../src/workflow/cases/report.ts';
import { failureLines } from '../../src/workflow/cases/told.ts';
import { loadProject } from '../../src/workflow/load.ts';
import type { Project } from '../../src/workflow/project.ts';
import { projectTexts } from './project-texts.ts';

const quiet: TestOptions = { generate: 0, seed: 1, coverageMin: null };

let plain: Project | null = null;

/** A sound project from its texts; without any, the small one of `project-texts.ts`, compiled once. */
export function soundProject(files?: ReadonlyMap<string, string>): Project {
  if (files !== undefined) return loaded(files);
  plain ??= loaded(new Map(Object.entries(projectTexts)));
  return plain;
}

function loaded(files: ReadonlyMap<string, string>): Project {
  const { project, diagnostics } = loadProject(files);
  if (project === null) throw new Error(JSON.stringify(diagnostics, null, 2));
  return project;
}

/** Tests a project by one case file; its payload files are texts by path. */
export function testFile(
  text: string,
  options: Partial<TestOptions> = {},
  project: Project = soundProject(),
  payloads: Readonly<Record<string, string>> = {},
): TestReport {
  const watched = watchedProject(project);
  const bytes = new Map(Object.entries(payloads).map(([path, each]) => [path, Buffer.from(each)]));
  const compiled = compileCases([opened(text)], bytes, watched.project);
  return testCases(watched, compiled, [...project.workflows.values()], { ...quiet, ...options });
}

function opened(text: string): OpenedCases {
  return openCases('cases/lead.yaml', text);
}

/** What does not hold of one case of the workflow `lead`, each as a report says it, on one line. */
export function told(content: object, project: Project = soundProject()): string[] {
  const file = { workflow: 'lead', now: '2026-03-02T09:00:00Z', cases: [{ name: 'one', ...content }] };
  const { diagnostics, results } = testFile(JSON.stringify(file), {}, project);
  if (diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics, null, 2));
  return results.flatMap(({ failures }) =>
    failures.map((each) => failureLines(each).join(' ').replace(/ +/g, ' ')),
  );
}
