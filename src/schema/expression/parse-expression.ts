import { ExpressionMistake, type Token, tokensOf } from './tokens.ts';

export type CompareSign = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type ArithmeticSign = '+' | '-' | '*' | '/';

/** An expression, taken apart; `at`: where it, or its sign, stands. */
export type ExpressionNode = { at: number } & (
  | { kind: 'column'; name: string }
  | { kind: 'number'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'truth'; value: boolean }
  | { kind: 'not'; part: ExpressionNode }
  | { kind: 'negate'; part: ExpressionNode }
  | { kind: 'and' | 'or'; parts: ExpressionNode[] }
  | { kind: 'compare'; sign: CompareSign; left: ExpressionNode; right: ExpressionNode }
  | { kind: 'arithmetic'; sign: ArithmeticSign; left: ExpressionNode; right: ExpressionNode }
  | { kind: 'is_null'; part: ExpressionNode }
  | { kind: 'in'; part: ExpressionNode; list: ExpressionNode[] }
  | { kind: 'between'; part: ExpressionNode; low: ExpressionNode; high: ExpressionNode }
  | { kind: 'call'; name: string; args: ExpressionNode[] }
);

/** Words that are no columns unless they stand in quotes. */
const keywords = new Set(['and', 'or', 'not', 'is', 'null', 'in', 'between', 'true', 'false']);
const compareSigns = new Set<string>(['=', '<>', '<', '<=', '>', '>=']);
const DEPTH_MAX = 50;

/**
 * Takes the condition of a check apart, in the notation of SQL.
 * @throws ExpressionMistake
 */
export function parseExpression(text: string): ExpressionNode {
  return new ExpressionParser(tokensOf(text)).parse();
}

class ExpressionParser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): ExpressionNode {
    const node = this.#or();
    const { kind, text, at } = this.#token;
    if (kind === 'end') return node;
    if (kind === 'sign' && compareSigns.has(text === '!=' ? '<>' : text)) {
      throw new ExpressionMistake('a second comparison: join two of them by and', at);
    }
    throw this.#unexpected('the end, and, or, or a sign');
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  /** Steps over a keyword or a sign if it comes next. */
  #takes(text: string): boolean {
    const { kind, text: found } = this.#token;
    if (kind !== 'sign' && !(kind === 'word' && found.toLowerCase() === text)) return false;
    if (kind === 'sign' && found !== text) return false;
    this.#next++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#unexpected(text);
  }

  #unexpected(wanted: string): ExpressionMistake {
    const { kind, text, at } = this.#token;
    const found = kind === 'end' ? 'nothing' : JSON.stringify(text.slice(0, 80));
    return new ExpressionMistake(`expected ${wanted}, found ${found}`, at);
  }

  /** What nests goes through here, so that no expression is deeper than the evaluation can go. */
  #nested(read: () => ExpressionNode): ExpressionNode {
    if (++this.#depth > DEPTH_MAX) {
      throw new ExpressionMistake(`nested more than ${DEPTH_MAX} deep`, this.#token.at);
    }
    const node = read();
    this.#depth--;
    return node;
  }

  #or(): ExpressionNode {
    return this.#joined('or', () => this.#joined('and', () => this.#not()));
  }

  #joined(kind: 'and' | 'or', read: () => ExpressionNode): ExpressionNode {
    const { at } = this.#token;
    const parts = [read()];
    while (this.#takes(kind)) parts.push(read());
    return parts.length === 1 ? parts[0]! : { kind, parts, at };
  }

  #not(): ExpressionNode {
    const { at } = this.#token;
    if (!this.#takes('not')) return this.#predicate();
    return { kind: 'not', part: this.#nested(() => this.#not()), at };
  }

  #predicate(): ExpressionNode {
    const left = this.#sum();
    const { kind, text, at } = this.#token;
    const sign = text === '!=' ? '<>' : text;
    if (kind === 'sign' && compareSigns.has(sign)) {
      this.#next++;
      return { kind: 'compare', sign: sign as CompareSign, left, right: this.#sum(), at };
    }
    if (this.#takes('is')) {
      const isNot = this.#takes('not');
      if (!this.#takes('null')) throw this.#unexpected('null');
      return negated({ kind: 'is_null', part: left, at }, isNot);
    }
    const isNot = this.#takes('not');
    if (this.#takes('in'))
      return negated({ kind: 'in', part: left, list: this.#list(), at }, isNot);
    if (this.#takes('between')) {
      const low = this.#sum();
      this.#expect('and');
      return negated({ kind: 'between', part: left, low, high: this.#sum(), at }, isNot);
    }
    if (isNot) throw this.#unexpected('in or between');
    return left;
  }

  #list(): ExpressionNode[] {
    this.#expect('(');
    const list = [this.#nested(() => this.#or())];
    while (this.#takes(',')) list.push(this.#nested(() => this.#or()));
    this.#expect(')');
    return list;
  }

  #sum(): ExpressionNode {
    return this.#chain(['+', '-'], () => this.#product());
  }

  #product(): ExpressionNode {
    return this.#chain(['*', '/'], () => this.#factor());
  }

  /** A chain is as deep as it is long, because each of its signs takes what stands before it as a whole. */
  #chain(signs: readonly ArithmeticSign[], read: () => ExpressionNode): ExpressionNode {
    let left = read();
    for (;;) {
      const { at } = this.#token;
      const sign = signs.find((one) => this.#takes(one));
      if (sign === undefined) return left;
      left = { kind: 'arithmetic', sign, left, right: read(), at };
    }
  }

  #factor(): ExpressionNode {
    const { at } = this.#token;
    if (this.#takes('-')) return { kind: 'negate', part: this.#nested(() => this.#factor()), at };
    if (this.#takes('+')) return this.#nested(() => this.#factor());
    return this.#operand();
  }

  #operand(): ExpressionNode {
    const { kind, text, at } = this.#token;
    if (this.#takes('(')) {
      const inner = this.#nested(() => this.#or());
      this.#expect(')');
      return inner;
    }
    const word = text.toLowerCase();
    if (kind === 'sign' || kind === 'end') throw this.#unexpected('a column or a value');
    if (kind === 'word' && keywords.has(word)) return this.#keyword(word, at);
    this.#next++;
    if (kind === 'number' || kind === 'text') return { kind, text, at };
    if (kind === 'word' && this.#token.kind === 'sign' && this.#token.text === '(') {
      return { kind: 'call', name: word, args: this.#list(), at };
    }
    return { kind: 'column', name: text, at };
  }

  #keyword(word: string, at: number): ExpressionNode {
    if (word === 'null') {
      throw new ExpressionMistake('nothing equals null: write is null or is not null', at);
    }
    if (word !== 'true' && word !== 'false') {
      throw new ExpressionMistake(
        `expected a column or a value, found ${word}; a column of that name stands in double quotes`,
        at,
      );
    }
    this.#next++;
    return { kind: 'truth', value: word === 'true', at };
  }
}

function negated(node: ExpressionNode, isNot: boolean): ExpressionNode {
  return isNot ? { kind: 'not', part: node, at: node.at } : node;
}
