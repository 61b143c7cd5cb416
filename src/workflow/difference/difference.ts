import type { CompiledWorkflow } from '../workflow.ts';
import { contractDifferences } from './contract.ts';
import { type Part, partsOf } from './parts.ts';

/** What of a workflow differs. */
export type DifferenceKind =
  | 'workflow'
  | 'owner'
  | 'trigger'
  | 'contract'
  | 'ticket'
  | 'check'
  | 'routes'
  | 'rule'
  | 'handoff'
  | 'exceptions';

/** One thing in which two versions of a workflow differ. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** Where, as in the workflow file: `checks.budget-in-range.that`; of a contract, the field: `payload.address.street`. */
  readonly path: string;
  /** Null: it was not there. */
  readonly before: unknown;
  /** Null: it is not there any more. */
  readonly after: unknown;
  /** One sentence for a person. */
  readonly words: string;
  /** Whether a payload that was taken is refused now; null where that is not certain. */
  readonly breaking: boolean | null;
}

/** In what two versions of a workflow differ, in the order of the file. Pure. Empty where only comments and layout do. */
export function differences(before: CompiledWorkflow, after: CompiledWorkflow): Difference[] {
  if (before.version === after.version) return [];
  const [old, now] = [keyed(partsOf(before)), keyed(partsOf(after))];
  const paths = [...new Set([...now.keys(), ...old.keys()])];
  const found = paths.flatMap((path) => partDifferences(old.get(path), now.get(path)));
  const contract = contractDifferences(before.trigger.contract, after.trigger.contract);
  const order = (kind: DifferenceKind) => kinds.indexOf(kind);
  return [...found, ...contract].sort((a, b) => order(a.kind) - order(b.kind));
}

const kinds: readonly DifferenceKind[] = [
  'workflow',
  'owner',
  'trigger',
  'contract',
  'ticket',
  'check',
  'routes',
  'rule',
  'handoff',
  'exceptions',
];

/** Whether the differences break what senders send: true where one does, null where one may. */
export function breakingOf(differences: readonly Difference[]): boolean | null {
  if (differences.some(({ breaking }) => breaking === true)) return true;
  return differences.some(({ breaking }) => breaking === null) ? null : false;
}

function keyed(parts: readonly Part[]): Map<string, Part> {
  return new Map(parts.map((part) => [part.path, part]));
}

function partDifferences(before: Part | undefined, after: Part | undefined): Difference[] {
  const part = after ?? before;
  if (part === undefined) return [];
  if (before === undefined || after === undefined) {
    const { kind, path, name, values } = part;
    const content = Object.fromEntries(values.map(({ key, value }) => [key, value]));
    const [was, is] = before === undefined ? [null, content] : [content, null];
    const words = `${name} is ${before === undefined ? `new${toldIn(part)}` : 'gone'}.`;
    return [{ kind, path, before: was, after: is, words, breaking: false }];
  }
  const old = new Map(before.values.map((each) => [each.key, each]));
  const now = new Map(after.values.map((each) => [each.key, each]));
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((key) => {
    const [was, is] = [old.get(key)?.value ?? null, now.get(key)?.value ?? null];
    const about = now.get(key) ?? old.get(key);
    if (about === undefined || JSON.stringify(was) === JSON.stringify(is)) return [];
    const words = `${part.name}: ${sentence(about.what, was, is)}.`;
    const path = [part.path, key].filter((step) => step !== '').join('.');
    const breaking = about.breaks === undefined ? false : about.breaks(was, is);
    return [{ kind: part.kind, path, before: was, after: is, words, breaking }];
  });
}

function toldIn({ values }: Part): string {
  const told = values.filter(({ tell, value }) => tell === true && value !== null);
  return told.length === 0 ? '' : ` (${told.map(({ what, value }) => `${what} ${shown(value)}`).join(', ')})`;
}

function sentence(what: string, before: unknown, after: unknown): string {
  if (before === null) return `${what} is ${shown(after)} now, and was not there`;
  if (after === null) return `${what} is gone, and was ${shown(before)}`;
  return `${what} is ${shown(after)} now, and was ${shown(before)}`;
}

const shownCharsMax = 200;

function shown(value: unknown): string {
  const plain = Array.isArray(value) && value.every((each) => typeof each === 'string');
  const text = plain ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > shownCharsMax ? `\`${text.slice(0, shownCharsMax)}…\`` : `\`${text}\``;
}
