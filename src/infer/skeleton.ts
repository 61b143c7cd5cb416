import type { IdentityCandidate } from './identity.ts';
import { memberOf } from './samples.ts';
import type { Schema } from './schema.ts';
import type { FieldShape, Shape } from './shape.ts';
import { support } from './support.ts';

interface SkeletonParts {
  readonly name: string;
  readonly source: string;
  /** Its path from the workflow file. */
  readonly contract: { readonly path: string; readonly schema: Schema };
  readonly shape: Shape;
  readonly identities: readonly IdentityCandidate[];
  /** A delivery is a list of triggers. */
  readonly split: boolean;
  /** `people` and `teams` of the project, to choose from. */
  readonly refs: readonly string[];
}

/**
 * A workflow for payloads of this shape. Everything that only a person can know is marked `# choose:` and fails
 * `signalbox check` until it is chosen; what was guessed is marked `# proposed:` and passes.
 */
export function workflowSkeleton(parts: SkeletonParts): string {
  const { name, source, contract, split, refs } = parts;
  const known =
    refs.length === 0
      ? ''
      : `\n# You can choose from ${refs.slice(0, refsMax).join(', ')}${refs.length > refsMax ? ', …' : ''}.`;
  return `# yaml-language-server: $schema=../schemas/workflow.schema.json
# Inferred by \`signalbox infer\` from ${counted(parts.shape.samples)}. \`# choose:\` waits for you, and \`signalbox check\` names it until then;
# \`# proposed:\` is a guess that passes. docs/reference/workflow.md tells all keys.${known}
workflow: ${name}
summary: What comes from ${source} reaches the team that answers for it. # proposed
metric: Tickets of ${source} that an owner has within 15 minutes # proposed
owner: team:choose # choose: who answers for it until the outcome is confirmed
alternate: person:choose # choose: who answers when the owner does not

trigger:
  source: ${source}
  contract: ${contract.path}
${split ? '  split: payload # proposed: a delivery is a list, and each of its elements a trigger\n' : ''}${identityLines(parts)}
  duplicates: { within: 30d } # proposed: the same identity again joins the first ticket
${fieldLines(parts.shape)}
# Next, checks: what must hold of a payload that satisfies its contract, or a person looks at it.
# checks:
#   - { id: can-be-acted-on, that: <an expression>, otherwise: <what the person reads> }

routes:
  threshold: 0.8 # proposed: less sure than this goes to triage
  rules:
${ruleLines(parts.shape)}
# Next, handoffs: what is done in other systems, and how it is proved there. Without any, a routed ticket is done.
# handoffs:
#   - id: create-record
#     to: <a destination in signalbox.yaml>
#     operation: <an operationId of its OpenAPI document>
#     body: { reference: <an expression> }
#     outcome: { read: <an operationId>, with: { id: response.id }, same: [reference], within: 15m }

exceptions:
  owner: team:choose # choose: who takes what the workflow cannot settle
  alternate: person:choose # choose: who gets it when nobody has taken it in time
  ttl: 15m # proposed: somebody has taken it by then, or it escalates
  resolve_within: 1d # proposed: it is settled by then
  escalate: [person:choose] # choose: who comes after the alternate
  root_causes: [sender-changed-payload, workflow-wrong, human-error] # proposed
  on:
    unparseable:
      checklist: [Look at what came in, Ask the sender what it was, Repair the payload and replay]
    contract_violation:
      checklist: [Find what the sender changed, Repair the payload or the contract and replay, Tell the sender]
    conflicting_duplicate:
      checklist: [Compare both payloads, Decide which one counts, Replay or discard this one]
    transform_failed:
      checklist: [See which field could not be made, Repair the payload or the workflow, Replay]
    no_route:
      checklist: [Decide who takes it, Add the rule that was missing, Re-route]
    low_confidence:
      checklist: [Decide who takes it, Sharpen the rules, Re-route]
    ambiguous:
      checklist: [Decide who takes it, Tell the rules apart, Re-route]
`;
}

const refsMax = 12;

function counted(payloads: number): string {
  return payloads === 1 ? 'one payload' : `${payloads} payloads`;
}

function identityLines({ identities, contract }: SkeletonParts): string {
  const [best, ...others] = identities;
  if (best === undefined) {
    return '  # No field is in all samples and could tell them apart: the content itself is the identity.';
  }
  const mark = requires(contract.schema, best.expression)
    ? 'proposed:'
    : 'choose: let the contract require it, or take this line out; too few samples tell that it is always there;';
  const runnersUp = others.map(({ expression, reason }) => `  #   or ${expression} (${reason})`);
  return [`  identity: ${scalar(best.expression)} # ${mark} ${best.reason}`, ...runnersUp].join('\n');
}

/** Whether the contract says that everything is there which an identity reads. */
function requires(contract: Schema, expression: string): boolean {
  return [...expression.matchAll(/payload((?:\.\w+|\["[^"]*"\])+)/g)].every(([, path = '']) => {
    let schema: unknown = contract;
    return [...path.matchAll(/\.(\w+)|\["([^"]*)"\]/g)].every(([, name, quoted]) => {
      const key = name ?? quoted ?? '';
      const { required, properties } = (schema ?? {}) as {
        required?: string[];
        properties?: Record<string, unknown>;
      };
      schema = properties?.[key];
      return required?.includes(key) === true;
    });
  });
}

/** The ticket's fields: texts, numbers and truths that every payload has. */
function fieldLines({ object, samples }: Shape): string {
  const fields = [...(object?.fields ?? [])]
    .filter(([name, field]) => fieldName.test(name) && isPlain(field, samples))
    .slice(0, ticketFieldsMax)
    .map(([name]) => `  ${name}: ${memberOf('payload', name)}`);
  return fields.length === 0
    ? ''
    : `\nticket: # proposed: what routing and handoffs need, one CEL expression a field\n${fields.join('\n')}\n`;
}

const fieldName = /^[a-z][A-Za-z0-9_]{0,62}$/;
const ticketFieldsMax = 8;

/** Required by the contract, and of one plain type: its expression passes the check. */
function isPlain({ always, shape }: FieldShape, samples: number): boolean {
  const [type, ...more] = Object.keys(shape.types);
  const sure = always === samples && samples >= support.required;
  return sure && more.length === 0 && (type === 'string' || type === 'number' || type === 'boolean');
}

function ruleLines(shape: Shape): string {
  const labels = routingLabels(shape);
  if (labels === null)
    return '    - to: team:choose # choose: who gets it; add `when:` and more rules where it depends\n';
  const [name, values] = labels;
  const field = memberOf('payload', name);
  return values
    .map(
      (value) =>
        `    - to: team:choose # choose: who gets it where ${name} is ${value}\n      when: ${scalar(`${field} == ${JSON.stringify(value)}`)}\n`,
    )
    .join('');
}

const rulesMax = 8;

/** A field with a few labels that triggers may be told apart by; what happens at all comes last. */
function routingLabels({ object, samples }: Shape): readonly [string, string[]] | null {
  const found = [...(object?.fields ?? [])].flatMap(([name, { always, shape }]) => {
    const values = shape.text?.values;
    const one = Object.keys(shape.types).length === 1;
    const sure = always === samples && samples >= support.enum && one;
    if (!sure || !values || values.size < 2 || values.size > rulesMax) return [];
    const rare = [...values.values()].some((count) => count < support.enumEach);
    return rare ? [] : [[name, [...values.keys()].sort()] as const];
  });
  const ranked = found.sort(([a], [b]) => routingRank(a) - routingRank(b));
  return ranked[0] ?? null;
}

function routingRank(name: string): number {
  if (/(type|category|topic|kind|department|service|product|reason)$/i.test(name)) return 0;
  if (/(priority|severity|tier|plan|source|channel)$/i.test(name)) return 1;
  return 2;
}

/** An expression as a YAML value. */
function scalar(expression: string): string {
  return /^["'[{!&*?|>%@`-]|: | #/.test(expression) ? `'${expression.replaceAll("'", "''")}'` : expression;
}
