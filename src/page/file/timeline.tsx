import type { JSX } from 'preact';
import type { LogLine } from '../../serve/page-data.ts';
import { TimeText } from '../time-text.tsx';
import { factsOf } from '../words.ts';

/** What happened to a file, step by step, as the conversion log has it. */
export function Timeline({ lines }: { lines: readonly LogLine[] }): JSX.Element {
  return (
    <section class="panel" aria-labelledby="timeline-title">
      <h2 id="timeline-title">Timeline</h2>
      {lines.length === 0 ? (
        <p class="soft">The conversion log has nothing of it any more.</p>
      ) : null}
      <ol class="timeline">
        {lines.map((line, index) => (
          <Step key={index} line={line} />
        ))}
      </ol>
    </section>
  );
}

function Step({ line }: { line: LogLine }): JSX.Element {
  const { time, level, event, msg, reason, hint } = line;
  const facts = factsOf(line);
  return (
    <li class={level}>
      <span class="when soft">
        <TimeText iso={time} />
      </span>
      <span>
        <strong>{event}</strong> {msg}
        {facts.length === 0 ? null : <span class="soft">, {facts.join(', ')}</span>}
        {reason === undefined ? null : (
          <span class="more">
            {reason} {hint ?? ''}
          </span>
        )}
      </span>
    </li>
  );
}
