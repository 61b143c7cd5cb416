import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A project as the tool keeps it. A misbehaving tool keeps it without one of its fields. */
export interface Project {
  readonly id: string;
  /** The named project manager; empty while nobody is. */
  readonly manager: string;
  readonly [field: string]: unknown;
}

/** One project that was really opened, and for which call. Two of one key: that call had two effects. */
export interface Effect {
  readonly key: string | null;
  readonly project: Project;
}

/** What was said to a call, to be said again to its repetition. */
interface Answer {
  readonly key: string;
  readonly body: string;
  readonly project: Project;
}

/** The tool's memory: projects, and the calls it has answered. With a file it outlives a restart. */
export interface Projects {
  list(): readonly Project[];
  find(id: string): Project | undefined;
  effects(): readonly Effect[];
  answerTo(key: string): Answer | undefined;
  nextId(): string;
  keep(effect: Effect): void;
  remember(answer: Answer): void;
}

type Line = { readonly effect: Effect } | { readonly answer: Answer } | { readonly id: number };

/** Opens the memory: JSON lines in `file`, or nothing but this process where no file is named. */
export function openProjects(file?: string): Projects {
  const effects: Effect[] = [];
  const answers = new Map<string, Answer>();
  let lastId = 0;

  const take = (line: Line): void => {
    if ('effect' in line) effects.push(line.effect);
    else if ('answer' in line) answers.set(line.answer.key, line.answer);
    else lastId = line.id;
  };
  const write = (line: Line): void => {
    take(line);
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
  };

  if (file !== undefined) {
    mkdirSync(dirname(file), { recursive: true });
    for (const line of linesOf(file)) take(line);
  }

  return {
    list: () => effects.map((effect) => effect.project),
    find: (id) => effects.find((effect) => effect.project.id === id)?.project,
    effects: () => effects,
    answerTo: (key) => answers.get(key),
    nextId: () => {
      write({ id: lastId + 1 });
      return `P-${lastId}`;
    },
    keep: (effect) => write({ effect }),
    remember: (answer) => write({ answer }),
  };
}

/** A last line that a kill cut short was never answered: it is left out, and ended so that the next one stands alone. */
function linesOf(file: string): Line[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
}
