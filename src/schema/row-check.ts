/** A rule across the columns of a row. Plain data: whoever asks it compiles the expression. */
export interface RowCheck {
  /** The condition, as expression/parse-expression.ts takes it apart; broken where it is false, not where it is unknown. */
  expression: string;
  /** Null: it goes by its expression. */
  name: string | null;
  /** What to say where it is broken, and what to do then; null: words that are made from the expression. */
  message: string | null;
  hint: string | null;
}
