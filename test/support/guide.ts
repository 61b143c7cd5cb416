import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The `npx signalbox …` lines of the recipes in docs/guides/ci.md, each as the arguments after `signalbox`. */
export function recipeCommands(): string[][] {
  const guide = readFileSync(new URL('../../docs/guides/ci.md', import.meta.url), 'utf8');
  const recipes = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => parse(match[1] ?? ''));
  const lines = [...new Set(recipes.flatMap(textsIn))].filter((text) => text.startsWith('npx signalbox '));
  const inline = [...guide.matchAll(/`(npx signalbox [^`]+)`/g)].map((match) => match[1] ?? '');
  return [...lines, ...inline.filter((line) => / --/.test(line))].map(argumentsOf);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** As a shell would split it; the recipes quote with double quotation marks only. */
function argumentsOf(line: string): string[] {
  const words = [...line.matchAll(/"([^"]*)"|\S+/g)].map((match) => match[1] ?? match[0]);
  return words.slice(2);
}
