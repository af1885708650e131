/** What is wrong with an expression, in words that stand for themselves, with the place. */
export class ExpressionMistake extends Error {
  constructor(what: string, at: number) {
    super(`${what} (at character ${at + 1})`);
  }
}

/** A word is a keyword, a function or a column, a name is a column in quotes. `at`: offset in the expression. */
export interface Token {
  kind: 'word' | 'name' | 'text' | 'number' | 'sign' | 'end';
  text: string;
  at: number;
}

const CHARACTERS_MAX = 1000;

const forms: readonly (readonly [Token['kind'], RegExp])[] = [
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['number', /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['text', /'(?:[^']|'')*'/y],
  ['name', /"(?:[^"]|"")*"|`(?:[^`]|``)*`/y],
  ['sign', /<>|!=|<=|>=|[=<>+\-*/(),]/y],
];

/** Signs of other languages, and what stands for them here. */
const foreign: readonly (readonly [string, string])[] = [
  ['==', 'write = for "equals"'],
  ['&&', 'write and'],
  ['||', 'write or; texts cannot be joined'],
  ['!', 'write not, or <> for "does not equal"'],
  ['%', 'there is no remainder'],
  [';', 'a check is one expression'],
  ['.', 'a name with a point stands in double quotes'],
];

/**
 * Takes an expression apart into its words and signs.
 * @throws ExpressionMistake
 */
export function tokensOf(expression: string): Token[] {
  if (expression.length > CHARACTERS_MAX) {
    throw new ExpressionMistake(
      `longer than ${CHARACTERS_MAX} characters; several checks are easier to read`,
      CHARACTERS_MAX,
    );
  }
  const tokens: Token[] = [];
  for (let at = skipSpace(expression, 0); at < expression.length;) {
    const token = tokenAt(expression, at);
    at += token.text.length;
    // What looks like the start of a name, such as 2nd, is no number.
    if (token.kind === 'number' && /[\p{L}_]/u.test(expression.charAt(at))) {
      throw new ExpressionMistake(
        'a number that goes on as a name; a column that begins with a digit stands in double quotes',
        token.at,
      );
    }
    tokens.push(unquoted(token));
    at = skipSpace(expression, at);
  }
  tokens.push({ kind: 'end', text: '', at: expression.length });
  return tokens;
}

function skipSpace(expression: string, at: number): number {
  return at + /^\s*/.exec(expression.slice(at))![0].length;
}

function tokenAt(expression: string, at: number): Token {
  const known = foreign.find(([sign]) => expression.startsWith(sign, at));
  for (const [kind, form] of forms) {
    form.lastIndex = at;
    const found = form.exec(expression);
    if (found !== null && !(kind === 'sign' && known !== undefined && known[0].length > 1)) {
      return { kind, text: found[0], at };
    }
  }
  const sign = String.fromCodePoint(expression.codePointAt(at)!);
  if (known !== undefined)
    throw new ExpressionMistake(`${known[0]} has no meaning: ${known[1]}`, at);
  if (sign === "'" || sign === '"' || sign === '`') {
    throw new ExpressionMistake(`the quote ${sign} is not closed`, at);
  }
  throw new ExpressionMistake(`${JSON.stringify(sign)} has no meaning`, at);
}

function unquoted(token: Token): Token {
  if (token.kind !== 'text' && token.kind !== 'name') return token;
  const quote = token.text.charAt(0);
  return { ...token, text: token.text.slice(1, -1).replaceAll(quote + quote, quote) };
}
