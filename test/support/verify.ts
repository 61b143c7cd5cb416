import { loadProject } from '../../src/workflow/load.ts';
import type { Source } from '../../src/workflow/project.ts';
import { changed } from './project-texts.ts';

/** The source that `verify:` (and more keys of a source) make in a project, as YAML. Throws what `check` finds. */
export function sourceOf(yaml: string, server = 'https://hooks.example.com'): Source {
  const indented = yaml.trimEnd().replace(/^(?=.)/gm, '    ');
  const before = '    verify: { scheme: github, secret: { env: META_SECRET } }';
  const files = changed('signalbox.yaml', before, indented);
  const text = `${files.get('signalbox.yaml')}\nserver: { public_url: ${server} }\n`;
  const { project, diagnostics } = loadProject(new Map([...files, ['signalbox.yaml', text]]));
  const source = project?.sources.get('meta-ads');
  if (source === undefined) throw new Error(JSON.stringify(diagnostics, null, 1));
  return source;
}
