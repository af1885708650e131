import type { JSX } from 'preact';
import { ApiError } from './api.ts';

interface ErrorNoteProps {
  error: unknown;
  /** Tries what failed once more. */
  again?: () => void;
}

/** What went wrong, and what to do. Read out as soon as it is there. */
export function ErrorNote({ error, again }: ErrorNoteProps): JSX.Element {
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div class="note bad" role="alert">
      <p>
        <strong>{message}</strong> {error instanceof ApiError ? error.hint : null}
      </p>
      {again === undefined ? null : (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}
