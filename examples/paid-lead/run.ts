import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { createApp, type Started } from '../../src/app.ts';
import { openClient } from './client.ts';
import { freePort, movedProject, readProject } from './project.ts';
import { openStage, type StageParts } from './stage.ts';
import { type Story, stories } from './stories.ts';
import type { Terminal } from './terminal.ts';
import { type ProjectTool, startProjectTool } from './tool/server.ts';

export interface ExampleOptions {
  readonly terminal: Terminal;
  /** Where the database and the tool's records are kept; default: `.signalbox` beside this file. */
  readonly dataFolder?: string;
}

/** The example while it is up. */
export interface Example {
  readonly url: string;
  readonly key: string;
  readonly toolUrl: string;
  /** A link that signs in the first administrator; null: somebody has an account. */
  readonly firstLink: Started['firstLink'];
  /** Tells the stories, one after the other, until `stop`; true for each that ended as expected. */
  tell(stop: AbortSignal): Promise<readonly boolean[]>;
  /** Sends one lead more, which waits for finance: something to decide for whoever opens the console. */
  sendWaiting(): Promise<void>;
  stop(): Promise<void>;
}

const defaultFolder = fileURLToPath(new URL('.signalbox', import.meta.url));

/** The example's secrets. They protect nothing: everything of it listens on this machine only. */
export const secrets = {
  LANDING_PAGE_SECRET: `whsec_${Buffer.from('the landing page of the example!').toString('base64')}`,
  PM_TOOL_TOKEN: 'project-tool-demo',
} as const;

/** Brings up the project tool and Signalbox with its database, as a user would. */
export async function startExample({
  terminal,
  dataFolder = defaultFolder,
}: ExampleOptions): Promise<Example> {
  await refuseSecond(dataFolder);
  const project = await readProject();
  const tool = await startTool(project.toolUrl, join(dataFolder, 'project-tool.jsonl'));
  const moved = tool.url !== project.toolUrl;
  const app = createApp({
    root: moved ? await movedProject(join(dataFolder, 'project'), tool.url) : project.root,
    dataFolder,
    port: await freePort(project.serverPort),
    env: { ...process.env, ...secrets },
    logLevel: 'fatal',
  });
  const stop = async (): Promise<void> => {
    await app.stop();
    await tool.close();
  };
  try {
    const { url, key, firstLink } = await app.start();
    const parts: StageParts = {
      client: openClient(url, key),
      tool,
      terminal,
      nameOf: project.nameOf,
      secret: secrets.LANDING_PAGE_SECRET,
      run: Math.floor(Date.now() / 1000).toString(36),
    };
    const sendWaiting = async () => {
      const lead = openStage(parts, stories.length + 1, new AbortController().signal).lead('large-budget');
      await parts.client.send('landing-page', JSON.stringify(lead), parts.secret);
    };
    const tell = async (signal: AbortSignal) => await tellAll(parts, signal);
    return { url, key, toolUrl: tool.url, firstLink, tell, sendWaiting, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Two in one folder would share a database, but not the tool whose records the stories look at. */
async function refuseSecond(dataFolder: string): Promise<void> {
  const file = join(dataFolder, 'server.json');
  if (!existsSync(file)) return;
  const { url, key } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; key: string };
  const options = { headers: { authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(2_000) };
  const answer = await fetch(`${url}/api/tickets?limit=1`, options).catch(() => null);
  if (answer?.ok)
    throw new Error(`It is up already, at ${url}. Stop that one, or use another folder: --data FOLDER`);
}

/** At the address that the project names, or at a free one where that is taken. */
async function startTool(url: string, file: string): Promise<ProjectTool> {
  const port = await freePort(Number(new URL(url).port));
  return await startProjectTool({ port, token: secrets.PM_TOOL_TOKEN, file });
}

async function tellAll(parts: StageParts, stop: AbortSignal): Promise<readonly boolean[]> {
  const told: boolean[] = [];
  for (const [index, story] of stories.entries()) {
    if (stop.aborted) break;
    told.push(await tellStory(story, index + 1, parts, stop));
  }
  return told;
}

/** Tells one story, and compares what was seen with what is expected. */
async function tellStory(
  story: Story,
  number: number,
  parts: StageParts,
  stop: AbortSignal,
): Promise<boolean> {
  const { terminal, tool } = parts;
  terminal.heading(`${number}  ${story.name}`, story.promise);
  const stage = openStage(parts, number, stop);
  try {
    const seen = await story.run(stage);
    if (isDeepStrictEqual({ ...seen }, { ...story.expected })) {
      terminal.verdict('✔ as expected', 'good');
      return true;
    }
    for (const [name, expected] of Object.entries(story.expected)) {
      if (isDeepStrictEqual(seen[name], expected)) continue;
      terminal.verdict(
        `✘ ${name} is ${JSON.stringify(seen[name])}, expected ${JSON.stringify(expected)}`,
        'bad',
      );
    }
  } catch (error) {
    if (!stop.aborted) terminal.verdict(`✘ ${error instanceof Error ? error.message : String(error)}`, 'bad');
  } finally {
    await tool.control({ mode: 'well' });
  }
  return false;
}
