/** A literal in the text of a module, with where its parts stand; `other`: an expression whose value nobody reads here. */
export interface Literal {
  readonly kind: 'object' | 'array' | 'text' | 'other';
  readonly start: number;
  readonly end: number;
  readonly members: ReadonlyMap<string, Member>;
  /** Those before the first that is spread. */
  readonly elements: readonly Literal[];
}

interface Member {
  readonly key: { readonly start: number; readonly end: number };
  readonly value: Literal;
}

/**
 * Finds the default export of a module as far as it is written as a literal: within a call (`defineWorkflow({ … })`), as a
 * constant of the same file, with parts that are constants of it. It reads brackets, texts and comments and no types or
 * statements, which is enough to find places; null where it finds none. Takes time in proportion to the text.
 */
export function defaultExport(text: string): Literal | null {
  const tokens = tokensOf(text);
  const at = tokens.findIndex(
    (token, index) => token.text === 'export' && tokens[index + 1]?.text === 'default',
  );
  if (at === -1) return null;
  return new Reader(tokens).expression(at + 2).literal;
}

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly kind: 'word' | 'text' | 'mark';
}

/** Comments are nothing; a template with `${` in it is an expression, and so a mark. */
const tokenPattern =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<text>'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`(?:[^`\\$]|\\[\s\S]|\$(?!\{))*`)|(?<word>[\p{ID_Start}$_][\p{ID_Continue}$]*|[0-9][\w.]*)|\.\.\.|[\s\S]/gu;

function tokensOf(text: string): Token[] {
  return [...text.matchAll(tokenPattern)].flatMap((match): Token[] => {
    const [own] = match;
    const kind =
      match.groups?.text !== undefined ? 'text' : match.groups?.word !== undefined ? 'word' : 'mark';
    if (kind === 'mark' && /^(\s|\/[/*])/.test(own)) return [];
    return [{ text: own, start: match.index, end: match.index + own.length, kind }];
  });
}

const closing: Readonly<Record<string, string>> = { '{': '}', '[': ']', '(': ')' };

/** Literals that are constants of the module are followed this often. */
const constantsMax = 1_000;

class Reader {
  readonly #tokens: readonly Token[];
  #constants = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The expression that begins at a token, and the token after it. */
  expression(at: number): { literal: Literal | null; next: number } {
    const first = this.#tokens[at];
    if (first === undefined) return { literal: null, next: at };
    const next = this.#skip(at);
    const last = this.#tokens[next - 1] ?? first;
    const other: Literal = {
      kind: 'other',
      start: first.start,
      end: last.end,
      members: new Map(),
      elements: [],
    };
    return { literal: this.#literal(at, next) ?? other, next };
  }

  #literal(at: number, end: number): Literal | null {
    const first = this.#tokens[at];
    if (first === undefined || at >= end) return null;
    if (first.kind === 'text') return this.#isAll(at + 1, end) ? this.#plain('text', first, first) : null;
    if (first.text === '{' || first.text === '[') {
      const close = this.#closing(at);
      if (!this.#isAll(close + 1, end)) return null;
      return first.text === '{' ? this.#object(at, close) : this.#array(at, close);
    }
    // Any other call makes of its argument what it likes.
    const called = first.text === 'defineWorkflow' ? at + 1 : at;
    if (this.#tokens[called]?.text === '(' && this.#isAll(this.#closing(called) + 1, end)) {
      return this.expression(called + 1).literal;
    }
    return first.kind === 'word' && this.#isAll(at + 1, end) ? this.#constant(first.text) : null;
  }

  /** Whether nothing follows that changes the value: the end, `as const`, `satisfies WorkflowFile`, another statement. */
  #isAll(at: number, end: number): boolean {
    const token = this.#tokens[at];
    return at >= end || (token?.kind === 'word' && token.text !== 'in' && token.text !== 'instanceof');
  }

  #plain(kind: 'text', first: Token, last: Token): Literal {
    return { kind, start: first.start, end: last.end, members: new Map(), elements: [] };
  }

  #object(open: number, close: number): Literal {
    const members = new Map<string, Member>();
    for (let at = open + 1; at < close; ) {
      const key = this.#tokens[at];
      const after = this.#tokens[at + 1]?.text;
      const next = this.#skip(at);
      if (key !== undefined && key.kind !== 'mark') {
        const value = after === ':' ? this.expression(at + 2).literal : this.#literal(at, next);
        const name = key.kind === 'text' ? key.text.slice(1, -1) : key.text;
        if (value !== null) members.set(name, { key, value });
      }
      at = next + 1;
    }
    return { ...this.#between(open, close), kind: 'object', members, elements: [] };
  }

  #array(open: number, close: number): Literal {
    const elements: Literal[] = [];
    for (let at = open + 1; at < close && this.#tokens[at]?.text !== '...'; ) {
      const { literal, next } = this.expression(at);
      if (literal !== null) elements.push(literal);
      at = next + 1;
    }
    return { ...this.#between(open, close), kind: 'array', members: new Map(), elements };
  }

  #between(open: number, close: number) {
    return { start: this.#tokens[open]?.start ?? 0, end: this.#tokens[close]?.end ?? 0 };
  }

  /** `const name = …` or `const name: Type = …` of the module. */
  #constant(name: string): Literal | null {
    this.#constants += 1;
    const at = this.#tokens.findIndex(
      (token, index) => token.text === 'const' && this.#tokens[index + 1]?.text === name,
    );
    if (at === -1 || this.#constants > constantsMax) return null;
    for (let equals = at + 2; equals < at + 40; equals += 1) {
      if (this.#tokens[equals]?.text === '=') return this.expression(equals + 1).literal;
    }
    return null;
  }

  /** The token after an expression: a comma, a semicolon, or what closes around it. */
  #skip(at: number): number {
    for (let index = at; index < this.#tokens.length; index += 1) {
      const text = this.#tokens[index]?.text ?? '';
      if (',;)]}'.includes(text)) return index;
      if (text in closing) index = this.#closing(index);
    }
    return this.#tokens.length;
  }

  #closing(open: number): number {
    let depth = 0;
    for (let index = open; index < this.#tokens.length; index += 1) {
      const text = this.#tokens[index]?.text ?? '';
      if (text in closing) depth += 1;
      else if (')]}'.includes(text)) depth -= 1;
      if (depth === 0) return index;
    }
    return this.#tokens.length;
  }
}
