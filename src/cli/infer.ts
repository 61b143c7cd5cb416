import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../errors.ts';
import type { Inference, Learned } from '../infer/inference.ts';
import { addressOf } from './client.ts';
import { addCommand, type CommonOptions, projectRoot } from './command.ts';
import type { Read } from './infer-samples.ts';
import { paintFor, say, sayJson, tame } from './output.ts';
import { writeNew } from './write-new.ts';

interface Options extends CommonOptions {
  readonly source?: string;
  readonly name?: string;
  readonly recorded?: true;
  readonly limit?: string;
  readonly contentType?: string;
  readonly header: readonly string[];
  readonly at: string;
  readonly headersAt?: string;
  readonly contract?: true;
  readonly write?: true;
}

/** `signalbox infer`: a contract, an identity and a workflow to complete, from samples. */
export function inferCommand(root: Command): void {
  addCommand(root, 'infer [samples...]', {
    summary: 'Reads sample payloads and proposes a contract, an identity, a source and a workflow',
    examples: [
      [
        'signalbox infer samples/ --source meta-ads',
        'what the payloads of a folder have in common; writes nothing',
      ],
      [
        'signalbox infer samples/ --source meta-ads --write',
        'writes contract, workflow and source, with # choose: marks',
      ],
      ['signalbox infer --recorded --source meta-ads', 'from what the running server has received'],
      [
        'signalbox infer log.ndjson --at /payload --contract',
        'the contract alone, from one member of each line',
      ],
    ],
  })
    .option('--source <key>', 'the source that they come from')
    .option('--name <name>', 'of the contract and the workflow (default: the source)')
    .option('--recorded', 'the triggers that the server has recorded of the source, instead of files')
    .option('--limit <triggers>', 'with --recorded: at most so many')
    .option('--content-type <type>', 'each file is a body of this type, as its sender posts it')
    .option('--header <name: value>', 'a header that the samples came with; repeatable', collect, [])
    .option('--at <pointer>', 'where the payload stands in each record of a file: /payload', '')
    .option('--headers-at <pointer>', 'where the headers stand in each record: /headers')
    .option('--contract', 'print the contract alone, as JSON')
    .option('--write', 'write the files into the project; nothing is overwritten')
    .action(async (paths: readonly string[], options: Options) => {
      const { learned, skipped, ofLists } = await read(paths, options);
      const name = nameOf(options);
      const { infer } = await import('../infer/inference.ts');
      const found = infer(learned, `Payloads of ${name}`);
      if (found === null) throw noSamples(skipped);
      if (options.contract) return sayJson(found.contract);
      const split = ofLists > 0 && ofLists === found.shape.samples;
      await propose({ found, name, split, skipped }, options);
    });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

type Skipped = Extract<Read, { kind: 'skipped' }>;

interface Gathered {
  readonly learned: Learned;
  readonly skipped: readonly Skipped[];
  /** Samples that were elements of a list. */
  readonly ofLists: number;
}

async function read(paths: readonly string[], options: Options): Promise<Gathered> {
  const { learn, nothingLearned } = await import('../infer/inference.ts');
  let learned = nothingLearned;
  let ofLists = 0;
  const skipped: Skipped[] = [];
  for await (const each of await reading(paths, options)) {
    if (each.kind === 'skipped') {
      skipped.push(each);
      continue;
    }
    learned = learn(learned, each.sample);
    if (each.ofList) ofLists += 1;
  }
  return { learned, skipped, ofLists };
}

async function reading(paths: readonly string[], options: Options): Promise<AsyncIterable<Read>> {
  const { recordedSamples, samplesIn } = await import('./infer-samples.ts');
  const { source, recorded, limit } = options;
  if (recorded !== undefined) {
    if (source === undefined) throw usage('--recorded needs the source: --source KEY.');
    const address = await addressOf(projectRoot(options), process.env);
    return recordedSamples(address, source, limit === undefined ? undefined : Number(limit));
  }
  if (paths.length === 0) throw usage('There are no samples.');
  return samplesIn(paths, {
    contentType: options.contentType ?? null,
    headers: Object.fromEntries(options.header.map(headerOf)),
    at: options.at,
    headersAt: options.headersAt ?? null,
  });
}

function usage(message: string): AppError {
  return new AppError('bad_request', message, {
    help: 'Name files or folders, - for standard input, or --recorded with a --source.',
  });
}

function headerOf(line: string): [string, string] {
  const [name = '', ...rest] = line.split(':');
  return [name.trim().toLowerCase(), rest.join(':').trim()];
}

function noSamples(skipped: readonly Skipped[]): AppError {
  const [first] = skipped;
  if (first === undefined) {
    return new AppError('not_found', 'There are no samples to infer from.', {
      help: 'Send some triggers first, or name files with payloads.',
    });
  }
  return new AppError('unprocessable', `No sample could be read. ${first.where}: ${first.why}`, {
    help: 'Samples are JSON or NDJSON; for other bodies say --content-type.',
  });
}

/** The name of contract and workflow. */
function nameOf({ name, source }: Options): string {
  const text = (name ?? source ?? 'inferred').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return /^[a-z]/.test(text) ? text.slice(0, 60) : `w-${text}`.slice(0, 60);
}

interface Proposal {
  readonly found: Inference;
  readonly name: string;
  readonly split: boolean;
  readonly skipped: readonly Skipped[];
}

/** Prints what is proposed, and writes it where asked to. */
async function propose({ found, name, split, skipped }: Proposal, options: Options): Promise<void> {
  const { sourceEntry } = await import('../infer/source-entry.ts');
  const { workflowSkeleton } = await import('../infer/skeleton.ts');
  const root = projectRoot(options);
  const source = options.source ?? name;
  const { known, refs } = await projectParts(root);
  const entry = known.has(source) ? null : sourceEntry(source, found.scheme);
  const contract = { path: `../contracts/${name}.schema.json`, schema: found.contract };
  const workflow = workflowSkeleton({ ...found, name, source, contract, split, refs });
  const written = options.write
    ? await write(root, name, { contract: found.contract, workflow, entry })
    : null;
  if (options.json) {
    const { contract: schema, identities, scheme } = found;
    const files = written === null ? {} : { files: written };
    return sayJson({
      payloads: found.shape.samples,
      skipped,
      contract: schema,
      identities,
      scheme,
      source: entry,
      workflow,
      ...files,
    });
  }
  const { inferenceText } = await import('./infer-text.ts');
  for (const { where, why } of skipped.slice(0, skippedShown))
    process.stderr.write(`${tame(where)} is left out: ${why}\n`);
  if (skipped.length > skippedShown)
    process.stderr.write(`… and ${skipped.length - skippedShown} more are left out\n`);
  say(inferenceText(found, paintFor(process.stdout)));
  if (split) say('Every sample was an element of a list: the workflow splits what the source sends.');
  if (written === null)
    say(
      `${entry === null ? '' : `\nIn signalbox.yaml, under sources:\n${entry}`}\nNothing is written; --write does.`,
    );
  else
    say(
      `\nWrote ${written.join(', ')}.\nNext: \`signalbox check\` names each line with \`# choose:\` until it is chosen.`,
    );
}

const skippedShown = 20;

interface Files {
  readonly contract: Inference['contract'];
  readonly workflow: string;
  /** What is put under `sources:`; null: the source is there. */
  readonly entry: string | null;
}

/** Writes contract and workflow, and the source into signalbox.yaml. Returns the paths of all files that changed. */
async function write(root: string, name: string, { contract, workflow, entry }: Files): Promise<string[]> {
  const path = join(root, 'signalbox.yaml');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppError('not_found', `There is no signalbox.yaml in ${root}; nothing was written.`, {
      help: 'Go to the project folder, or make one with `signalbox init`.',
      cause,
    });
  });
  const { withSource } = await import('../infer/source-entry.ts');
  const changed = entry === null ? text : withSource(text, entry);
  if (changed === null) {
    throw new AppError('unprocessable', `${path} has no list \`sources:\` to add to; nothing was written.`, {
      help: `Add this under \`sources:\` and run it again:\n\n${entry}`,
    });
  }
  const help = 'Give it another name: --name NAME.';
  const files = {
    [`contracts/${name}.schema.json`]: `${JSON.stringify(contract, null, 2)}\n`,
    [`workflows/${name}.yaml`]: workflow,
  };
  const { editorFiles } = await import('../workflow/skeleton-editor.ts');
  const missing = Object.entries(editorFiles()).filter(([each]) => !existsSync(join(root, each)));
  const written = await writeNew(root, { ...files, ...Object.fromEntries(missing) }, help);
  if (changed === text) return written;
  await writeFile(path, changed);
  return [...written, 'signalbox.yaml'];
}

/** The sources and people of the project, as far as it can be read. */
async function projectParts(root: string): Promise<{ known: ReadonlySet<string>; refs: readonly string[] }> {
  const text = await readFile(join(root, 'signalbox.yaml'), 'utf8').catch(() => '');
  const { parseSourceFile } = await import('../workflow/source-file.ts');
  const { placeOf } = await import('../workflow/place.ts');
  const place = placeOf(parseSourceFile('signalbox.yaml', text), []);
  const keys = (section: string) =>
    place
      .get(section)
      .entries()
      .map(([key]) => key);
  return {
    known: new Set(keys('sources')),
    refs: [...keys('teams').map((key) => `team:${key}`), ...keys('people').map((key) => `person:${key}`)],
  };
}
