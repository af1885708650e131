import { useCallback, useEffect, useState } from 'preact/hooks';
import { apiUrl, getJson, type QueryValues } from './api.ts';

export interface Fetched<T> {
  /** What was answered last; null before the first answer. */
  data: T | null;
  /** Why there is no newer one; null where nothing failed. */
  error: unknown;
  isLoading: boolean;
  again: () => void;
}

/**
 * Asks for something, and again whenever the path or the query is another, or `again` is called; an answer to what is not asked for any
 * more is thrown away. Null for the path: nothing yet.
 */
export function useFetched<T>(path: string | null, query: QueryValues = {}): Fetched<T> {
  const url = path === null ? null : apiUrl(path, query);
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<Omit<Fetched<T>, 'again'>>({
    ...{ data: null, error: null, isLoading: url !== null },
  });
  useEffect(() => {
    if (url === null) return;
    const end = new AbortController();
    setState(({ data, error }) => ({ data, error, isLoading: true }));
    getJson<T>(url, {}, end.signal).then(
      (data) => {
        if (!end.signal.aborted) setState({ data, error: null, isLoading: false });
      },
      (error: unknown) => {
        if (!end.signal.aborted) setState(({ data }) => ({ data, error, isLoading: false }));
      },
    );
    return () => {
      end.abort();
    };
  }, [url, turn]);
  const again = useCallback(() => {
    setTurn((n) => n + 1);
  }, []);
  return { ...state, again };
}
