import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { QuestionJson, TableJson } from '../../core/explorer-data.ts';
import { placeUrl } from '../place.ts';
import { useFetched } from '../use-fetched.ts';
import type { ViewProps } from '../views.ts';
import { Waiting } from './data-view.tsx';
import { DownloadForm } from './download-form.tsx';
import { QuestionCard } from './question-card.tsx';

/** The saved questions with their answers: `#/questions`, `#/questions/2-travel-time`. */
export function QuestionsView({ place }: ViewProps): JSX.Element {
  const questions = useFetched<QuestionJson[]>('/api/data/questions');
  const [wanted] = place.words;
  useEffect(() => {
    if (wanted !== undefined) document.getElementById(wanted)?.scrollIntoView();
  }, [wanted, questions.data]);
  if (questions.data === null) return <Waiting fetched={questions} />;
  return (
    <>
      <h1>Questions</h1>
      {questions.data.length === 0 ? (
        <p class="empty">
          There are no saved questions. Each file with SQL in the folder <code>queries</code> is
          one: the comment at its beginning is the question.
        </p>
      ) : (
        questions.data.map((question) => <Question key={question.name} question={question} />)
      )}
    </>
  );
}

function Question({ question }: { question: QuestionJson }): JSX.Element {
  const { name, sql } = question;
  const answer = useFetched<TableJson>('/api/data/answer', { name });
  return (
    <QuestionCard
      question={question}
      answer={answer.data}
      instead={<Waiting fetched={answer} />}
      actions={
        <>
          <a class="button" href={placeUrl(['sql'], { q: sql })}>
            Change it in SQL
          </a>
          <DownloadForm sql={sql} name={name} />
        </>
      }
    />
  );
}
