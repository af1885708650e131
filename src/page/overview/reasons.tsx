import type { JSX } from 'preact';
import type { StateData } from '../../serve/page-data.ts';
import { count } from '../format.ts';
import { TimeText } from '../time-text.tsx';

/** What keeps files from being taken, or what some of them wait for. */
export function Reasons({ state: { status, reasons } }: { state: StateData }): JSX.Element {
  return (
    <div role="status">
      {reasons.map(({ code, message, hint, files, since }) => (
        <div key={code} class={`note ${status === 'not_ready' ? 'bad' : 'wait'}`}>
          <p>
            <strong>{message}</strong> {hint}
          </p>
          {files === undefined || since === undefined ? null : (
            <p>
              {count(files, 'file waits', 'files wait')} since <TimeText iso={since} />
            </p>
          )}
        </div>
      ))}
    </div>
  );
}
