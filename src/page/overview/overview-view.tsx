import type { JSX } from 'preact';
import { ErrorNote } from '../error-note.tsx';
import { useFetched } from '../use-fetched.ts';

interface Readiness {
  status: 'ready' | 'degraded' | 'not_ready';
  reasons?: { code: string; message: string; hint: string }[];
}

/** How things stand. */
export function OverviewView(): JSX.Element {
  const { data, error, again } = useFetched<Readiness>('/readyz');
  return (
    <>
      <h1>Overview</h1>
      {error === null ? null : <ErrorNote error={error} again={again} />}
      {data === null ? null : <p>{data.status}</p>}
    </>
  );
}
