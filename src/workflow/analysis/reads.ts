import { childrenOf, type Syntax } from '../expression-parse.ts';
import type { Place } from '../place.ts';
import { programOf } from './program.ts';
import type { Reads } from './shape.ts';

interface Tree extends Reads {
  readonly members: Map<string, Tree>;
}

/** What the expressions in a part of a file read of the payload. Texts that are none do no harm. */
export function readsOf(place: Place): Reads {
  const root: Tree = { members: new Map() };
  for (const text of textsIn(place)) {
    const program = programOf(text);
    if (program !== null) collect(program.syntax, root);
  }
  return root;
}

function textsIn(place: Place): string[] {
  const parts = [...place.elements(), ...place.entries().map(([, part]) => part)];
  if (parts.length > 0) return parts.flatMap(textsIn);
  return place.text().includes('payload') ? [place.text()] : [];
}

function collect(syntax: Syntax, root: Tree): void {
  const path = pathOf(syntax);
  if (path === null) {
    for (const child of childrenOf(syntax)) collect(child, root);
    return;
  }
  let at = root;
  for (const name of path) {
    const next = at.members.get(name) ?? { members: new Map() };
    at.members.set(name, next);
    at = next;
  }
}

/** The names after `payload`; null for anything else. */
function pathOf({ exprKind }: Syntax): readonly string[] | null {
  if (exprKind.case === 'identExpr') return exprKind.value.name === 'payload' ? [] : null;
  if (exprKind.case === 'selectExpr') {
    const owner = exprKind.value.operand === undefined ? null : pathOf(exprKind.value.operand);
    return owner === null ? null : [...owner, exprKind.value.field];
  }
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== '_[_]') return null;
  const [operand, index] = exprKind.value.args;
  const owner = operand === undefined ? null : pathOf(operand);
  const name = index?.exprKind.case === 'constExpr' ? index.exprKind.value.constantKind : undefined;
  return owner === null || name?.case !== 'stringValue' ? null : [...owner, name.value];
}
