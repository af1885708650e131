// The report: what csv-hopper report has found, in one file for people without access. In: the JSON that stands in the page.
import '../style/page.css';
import '../style/data.css';
import { type JSX, render } from 'preact';
import type { ReportJson } from '../../core/explorer-data.ts';
import { ColumnsPanel, HistoryPanel } from '../data/dataset-panel.tsx';
import { QuestionCard } from '../data/question-card.tsx';
import { count, formatBytes } from '../format.ts';
import { TimeText } from '../time-text.tsx';

function Report({ report }: { report: ReportJson }): JSX.Element {
  const { made, version, datasets, questions } = report;
  return (
    <>
      <header class="top">
        <strong class="brand">csv-hopper</strong>
        <nav aria-label="Parts">
          <ul>
            {datasets.map(({ summary: { dataset } }, i) => (
              <li key={dataset}>
                <a href={`#dataset-${i}`}>{dataset}</a>
              </li>
            ))}
            {questions.length === 0 ? null : (
              <li>
                <a href="#questions">Questions</a>
              </li>
            )}
          </ul>
        </nav>
        <p class="who">
          As of <TimeText iso={made} />
        </p>
      </header>
      <main>
        {datasets.map(({ summary, history, files, bytes }, i) => (
          <section key={summary.dataset} id={`dataset-${i}`}>
            <header class="heading">
              <h1>{summary.dataset}</h1>
              <p class="soft">
                {count(files, 'Parquet file')}, {formatBytes(bytes)}
              </p>
            </header>
            <HistoryPanel history={history} />
            <ColumnsPanel summary={summary} />
          </section>
        ))}
        {questions.length === 0 ? null : <h1 id="questions">Questions</h1>}
        {questions.map(({ question, answer, error }) => (
          <QuestionCard
            key={question.name}
            question={question}
            answer={answer}
            instead={<p class="note bad">{error}</p>}
          />
        ))}
      </main>
      <footer class="bottom">Made by csv-hopper {version}</footer>
    </>
  );
}

const data = document.getElementById('report')?.textContent ?? '';
render(<Report report={JSON.parse(data) as ReportJson} />, document.body);
