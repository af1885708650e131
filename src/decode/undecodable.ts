import type { Problem, Rule } from '../core/problem.ts';

/** Thrown inside of decode/ where the content cannot be decoded; `decode-file.ts` makes a problem of it. */
export class Undecodable extends Error {
  readonly rule: Rule;
  readonly hint: string;

  constructor(rule: Rule, message: string, hint: string) {
    super(message);
    this.rule = rule;
    this.hint = hint;
  }

  asProblem(line: number): Problem {
    const { rule, message, hint } = this;
    return { line, column: null, value: null, rule, message, hint };
  }
}

const AGAIN = 'Send the file again; look whether it was cut off or changed on its way.';

/** A container of which nothing can be said but that it is not whole. */
export function damaged(message: string): Undecodable {
  return new Undecodable('container', message, AGAIN);
}
