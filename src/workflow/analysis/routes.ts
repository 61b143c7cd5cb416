import type { Finding, Place } from '../place.ts';
import type { CompiledRoutes } from '../workflow.ts';
import { type Candidate, matchesOf, sureScore } from './candidates.ts';
import type { Case } from './case.ts';
import type { Passed } from './checks.ts';
import { shown, without } from './guard.ts';
import { holding, type Inspected, inspect, type Role, type Setting, truthsIn, truthsOf } from './inspect.ts';
import { neverHolds } from './never.ts';
import { spotOf } from './span.ts';

const ruleRole: Role = { isCondition: true, fails: 'the rule does not match, whatever else is true' };
const signalRole: Role = { isCondition: true, fails: 'the evidence does not count' };

/** What is known of tickets when they are routed. */
export interface Looked {
  /** Those that were made of a payload. */
  readonly given: readonly Case[];
  /** Those of them that passed the checks. */
  readonly cases: readonly Case[];
  readonly passed: readonly Passed[];
}

/**
 * Looks at the `routes:` section with the confidence arithmetic of `src/routing`: rules that never match, that are
 * never chosen, that add nothing, or that never reach the threshold.
 */
export function analyseRoutes(
  place: Place,
  routes: Pick<CompiledRoutes, 'rules' | 'threshold'>,
  looked: Looked,
  setting: Setting,
): void {
  const { rules, threshold } = routes;
  const seen = place
    .get('rules')
    .elements()
    .map((rule, index) => candidateOf(rule, index, rules[index]?.to ?? '', looked, setting));
  const candidates = seen.filter((candidate) => candidate !== null && candidate !== 'unseen');
  const chances = candidates.map((candidate) => chanceOf(candidate, candidates, setting));
  const reported = new Set<Candidate>();
  reportEveryone(chances, threshold, reported);
  for (const chance of chances.toReversed()) {
    if (!reported.has(chance.candidate)) reportIdle(chance, chances, threshold, reported);
  }
  const rest = chances.filter(({ candidate }) => !reported.has(candidate));
  // A threshold that is none is told by the schema.
  if (threshold > 1) return;
  const isLow = ({ bestScore }: Chance) => rounded(bestScore) < threshold;
  if (rest.length > 0 && chances.every(isLow) && !seen.includes('unseen'))
    reportThreshold(place, rest, threshold);
  else for (const chance of rest) reportChance(chance, threshold);
}

/** Null where the rule never matches (reported); `unseen` where it is too much to look into. */
function candidateOf(
  place: Place,
  index: number,
  to: string,
  looked: Looked,
  setting: Setting,
): Candidate | 'unseen' | null {
  const when = place.get('when');
  const inspected = when.value === undefined ? null : inspect(when, looked.cases, ruleRole, setting);
  if (inspected === null && when.value !== undefined) return 'unseen';
  const cases = inspected === null ? looked.cases : holding(truthsOf(inspected));
  if (inspected !== null && cases.length === 0) {
    if (!inspected.isReported) reportDead(inspected, looked, setting);
    return null;
  }
  const signals = place
    .get('signals')
    .elements()
    .map((signal) => {
      const that = inspect(signal.get('that'), cases, signalRole, setting);
      if (that !== null && !that.isReported) reportSilent(that, cases, setting);
      return { program: that?.program ?? null, weight: Number(signal.get('weight').value) || 0 };
    });
  return { index, place, to, when: inspected?.program ?? null, cases, signals };
}

function reportDead(inspected: Inspected, { cases, given, passed }: Looked, setting: Setting): void {
  const { place, program } = inspected;
  // What no ticket at all can be is told as such; what only the checks forbid, with the check.
  const never = neverHolds(program, given, setting);
  const check = passed.find(({ inspected: other }) => {
    const both = truthsIn(program, program.syntax, holding(truthsOf(other)), setting);
    return both !== null && holding(both).length === 0;
  });
  if (never === null && check !== undefined) {
    place.report({
      code: 'SB163',
      message: `this rule never matches: the check \`${check.id}\` stops every ticket that it would take`,
      help: `checks come before routing, and it asks for \`${shown(check.inspected.program.syntax, check.inspected.program)}\`: change one of the two`,
    });
    return;
  }
  const told = never ?? neverHolds(program, cases, setting);
  place.report({
    code: 'SB163',
    message: `this rule never matches: ${told?.why ?? 'no ticket passes all checks'}`,
    help: told?.help ?? 'change the checks, or the rule',
    ...(told !== null && { at: spotOf(program, told.at) }),
  });
}

/** Evidence that never holds where its rule matches. */
function reportSilent({ place, program }: Inspected, cases: readonly Case[], setting: Setting): void {
  const never = neverHolds(program, cases, setting);
  if (never === null) return;
  place.report({
    code: 'SB163',
    message: `this evidence never counts where the rule matches: ${never.why}`,
    help: `${never.help}: its weight only keeps the rule from a full score`,
    severity: 'warning',
    at: spotOf(program, never.at),
  });
}

/** What a rule can come to against the others. */
interface Chance {
  readonly candidate: Candidate;
  /** Of its own. */
  readonly bestScore: number;
  /** The highest where it is the best; null where it never is. */
  readonly confidence: number | null;
  /** Rules to other destinations that match whenever it does. */
  readonly rivals: readonly Candidate[];
  /** Rules to the same destination that match whenever it does, with a score at least as high. */
  readonly twins: readonly Candidate[];
}

function chanceOf(candidate: Candidate, all: readonly Candidate[], setting: Setting): Chance {
  const matches = matchesOf(candidate, setting);
  const rows = matches.map((match) => ({
    match,
    scores: new Map(all.map((other) => [other, sureScore(other, match.given, setting)])),
  }));
  const others = all.filter((other) => other !== candidate);
  const ranked = others.filter(({ to }) => to !== candidate.to);
  const first = Math.min(...all.filter(({ to }) => to === candidate.to).map(({ index }) => index));
  const confidences = rows.flatMap(({ match, scores }) => {
    const better = ranked.some((other) => {
      const score = scores.get(other) ?? 0;
      return score > match.score || (score === match.score && score > 0 && other.index < first);
    });
    return better ? [] : [match.score - Math.max(0, ...ranked.map((other) => scores.get(other) ?? 0)) / 2];
  });
  return {
    candidate,
    bestScore: Math.max(...matches.map(({ score }) => score)),
    confidence: confidences.length === 0 ? null : Math.max(...confidences),
    rivals: ranked.filter((other) => rows.every(({ scores }) => scores.get(other) !== null)),
    twins: others.filter(
      (other) =>
        other.to === candidate.to &&
        rows.every(({ match, scores }) => (scores.get(other) ?? -1) >= match.score),
    ),
  };
}

/** Rules that match whatever comes, and so keep all others below the threshold. */
function reportEveryone(chances: readonly Chance[], threshold: number, reported: Set<Candidate>): void {
  for (const { candidate } of chances) {
    const kept = chances.filter(
      (other) =>
        other.rivals.includes(candidate) && other.bestScore >= threshold && !reaches(other, threshold),
    );
    if (candidate.when !== null || candidate.signals.length > 0 || kept.length === 0) continue;
    if (kept.length < chances.length - 1) continue;
    candidate.place.get('to').report({
      code: 'SB164',
      message: `this rule matches every ticket, so that ${kept.length === 1 ? 'the other rule does not reach' : 'no other rule reaches'} the threshold of ${threshold}`,
      help: `half of its score is taken off theirs: for tickets that no rule matches write \`otherwise: ${candidate.to}\` beside \`rules\`, and remove this one`,
    });
    for (const each of chances) reported.add(each.candidate);
  }
}

/** Rules that are never chosen, or change nothing. The last first, so that of two alike the second is told. */
function reportIdle(
  { candidate, confidence, rivals, twins }: Chance,
  chances: readonly Chance[],
  threshold: number,
  reported: Set<Candidate>,
): void {
  const twin = twins.find((each) => !reported.has(each));
  if (twin !== undefined) {
    reported.add(candidate);
    report(candidate, {
      code: 'SB164',
      message: `this rule adds nothing: ${named(twin)} sends the same tickets there, with a score at least as high`,
      help: 'remove it, or let it ask for something else',
      severity: 'warning',
    });
    return;
  }
  const [rival] = rivals;
  if (confidence !== null || rival === undefined) return;
  reported.add(candidate);
  const other = chances.find((each) => each.candidate === rival);
  const mutual = other?.rivals.includes(candidate) === true && !reaches(other, threshold);
  if (mutual) reported.add(rival);
  report(candidate, {
    code: 'SB164',
    message: mutual
      ? `this rule and ${named(rival)} always match together, so that neither is chosen with confidence`
      : `this rule is never chosen: whenever it matches, ${named(rival)} does too, with a score at least as high`,
    help: mutual
      ? 'half of the second score is taken off the first: tell the two apart by `when`, or make them one rule'
      : narrowing(rival, candidate),
  });
}

function reportThreshold(place: Place, chances: readonly Chance[], threshold: number): void {
  const best = chances.reduce((a, b) => (b.bestScore > a.bestScore ? b : a));
  const score = rounded(best.bestScore);
  const written = place.get('threshold').value !== undefined;
  place.get(written ? 'threshold' : 'rules').report({
    code: 'SB165',
    message: `no rule can reach the threshold of ${threshold}: the best is ${named(best.candidate)}, with ${score}`,
    help: `every ticket would go to triage: let signals hold together that exclude each other now, or write \`threshold: ${Math.floor(score * 100) / 100}\``,
    ...(written ? {} : { at: 'key' as const }),
  });
}

function reportChance(chance: Chance, threshold: number): void {
  const { candidate, bestScore, confidence, rivals } = chance;
  if (reaches(chance, threshold) || confidence === null) return;
  const [rival] = rivals;
  const own = rounded(bestScore) < threshold;
  report(candidate, {
    code: 'SB165',
    message: `this rule never reaches the threshold of ${threshold}: its confidence is at most ${rounded(confidence)}`,
    help:
      own || rival === undefined
        ? `its signals never hold all together: at best they give ${rounded(bestScore)}; change them, or the threshold`
        : `whenever it matches, ${named(rival)} does too, and half of that score is taken off; ${narrowing(rival, candidate)}`,
  });
}

function reaches({ confidence }: Chance, threshold: number): boolean {
  return confidence !== null && rounded(confidence) >= threshold;
}

/** How to keep a rule's tickets out of another. */
function narrowing(rival: Candidate, { when }: Candidate): string {
  if (rival.when === null || when === null) return `give ${named(rival)} a narrower \`when\``;
  const corrected = without(rival.when, when);
  return `keep its tickets out of ${named(rival)}: \`when: ${corrected}\``;
}

function report({ place, when }: Candidate, finding: Finding): void {
  place.get(when === null ? 'to' : 'when').report(finding);
}

/** Rules have no names, so they are counted. */
function named({ index, to }: Candidate): string {
  return `rule ${index + 1} (\`${to}\`)`;
}

/** As `src/routing` rounds it. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
