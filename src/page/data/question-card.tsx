import type { ComponentChildren, JSX } from 'preact';
import type { QuestionJson, TableJson } from '../../core/explorer-data.ts';
import { fits, suggestPlot } from './chart.ts';
import { ResultPlot } from './result-plot.tsx';
import { ResultTable } from './result-table.tsx';

interface QuestionCardProps {
  question: QuestionJson;
  /** Null: not there yet, or failed. */
  answer: TableJson | null;
  /** What stands in its place then. */
  instead?: ComponentChildren;
  /** What can be done with it. */
  actions?: ComponentChildren;
}

/** A question with its answer, drawn and as a table, and the SQL that finds it. */
export function QuestionCard({
  question,
  answer,
  instead,
  actions,
}: QuestionCardProps): JSX.Element {
  const { name, title, notes, sql } = question;
  return (
    <article class="panel question" id={name} aria-labelledby={`title-${name}`}>
      <h2 id={`title-${name}`}>{title}</h2>
      {notes === '' ? null : <p class="soft notes">{notes}</p>}
      {answer === null ? (
        instead
      ) : (
        <Answer question={question} answer={answer} canDownload={actions !== undefined} />
      )}
      <footer class="actions">
        <details>
          <summary>SQL</summary>
          <pre class="sql" tabIndex={0}>
            {sql}
          </pre>
        </details>
        {actions}
      </footer>
    </article>
  );
}

function Answer({
  question,
  answer,
  canDownload,
}: {
  question: QuestionJson;
  answer: TableJson;
  canDownload: boolean;
}): JSX.Element {
  const { plot: suggested, title } = question;
  const plot = suggested !== null && fits(suggested, answer) ? suggested : suggestPlot(answer);
  return (
    <div class={plot === null ? 'answer lone' : 'answer'}>
      {plot === null ? null : (
        <div class="drawn">
          <ResultPlot table={answer} plot={plot} title={title} />
        </div>
      )}
      <ResultTable table={answer} name={title} canDownload={canDownload} />
    </div>
  );
}
