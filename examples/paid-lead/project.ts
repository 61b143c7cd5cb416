import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Document, parseDocument } from 'yaml';
import type { NameOf } from './narration.ts';

/** What the example itself reads in its `signalbox.yaml`. */
export interface ExampleProject {
  readonly root: string;
  readonly serverPort: number;
  readonly toolUrl: string;
  readonly nameOf: NameOf;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const toolUrlPath = ['destinations', 'pm-tool', 'url'];

export async function readProject(): Promise<ExampleProject> {
  const document = await projectFile();
  return {
    root: here,
    serverPort: Number(document.getIn(['server', 'port'])),
    toolUrl: String(document.getIn(toolUrlPath)),
    nameOf: (ref) => nameIn(document, ref),
  };
}

/** The project with another address of its tool: a copy in `folder`, since the files in the repository stay as they are. */
export async function movedProject(folder: string, toolUrl: string): Promise<string> {
  const document = await projectFile();
  document.setIn(toolUrlPath, toolUrl);
  await mkdir(folder, { recursive: true });
  for (const name of ['workflows', 'contracts', 'pm-tool.openapi.yaml']) {
    await cp(join(here, name), join(folder, name), { recursive: true });
  }
  await writeFile(join(folder, 'signalbox.yaml'), document.toString());
  return folder;
}

/** This port where nothing listens on it yet, else 0: any free one. */
export async function freePort(port: number): Promise<number> {
  return await new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });
}

async function projectFile(): Promise<Document> {
  return parseDocument(await readFile(join(here, 'signalbox.yaml'), 'utf8'));
}

function nameIn(document: Document, ref: string): string {
  const [kind = '', key = ''] = ref.split(':');
  const name = document.getIn([kind === 'team' ? 'teams' : 'people', key, 'name']);
  if (typeof name !== 'string') return ref === 'signalbox' ? 'Signalbox' : ref;
  return kind === 'team' ? `team ${name}` : name;
}
