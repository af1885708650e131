// How things stand, as the server tells it by events. One connection for the page, and none while nobody looks at it: a browser has only
// six for a server, whose other tabs would wait.
import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { LogLine, StateData } from '../serve/page-data.ts';

/** How long to wait where the browser does not try again by itself, as after an answer that is a refusal. */
const AGAIN_MS = 3000;

export type Connection = 'opening' | 'live' | 'lost';

export interface Live {
  connection: Connection;
  /** Null before the first news. */
  state: StateData | null;
  /** Calls a listener with the lines of the log that come from now on, until the function returned is called. */
  onLines: (listener: (lines: LogLine[]) => void) => () => void;
}

export const LiveContext = createContext<Live>({
  ...{ connection: 'opening', state: null },
  onLines: () => () => undefined,
});

export function useLive(): Live {
  return useContext(LiveContext);
}

/** For the lines of the log that come while a view is shown. */
export function useLogLines(listener: (lines: LogLine[]) => void): void {
  const { onLines } = useLive();
  const last = useRef(listener);
  last.current = listener;
  useEffect(
    () =>
      onLines((lines) => {
        last.current(lines);
      }),
    [onLines],
  );
}

/** Holds the connection; for whoever stands around all views. */
export function useConnection(): Live {
  const [connection, setConnection] = useState<Connection>('opening');
  const [state, setState] = useState<StateData | null>(null);
  const listeners = useRef(new Set<(lines: LogLine[]) => void>());
  const onLines = useRef((listener: (lines: LogLine[]) => void) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  });
  useEffect(() => {
    let source: EventSource | null = null;
    let timer = 0;
    const close = (): void => {
      clearTimeout(timer);
      source?.close();
      source = null;
    };
    const open = (): void => {
      close();
      const opened = new EventSource('/api/events');
      source = opened;
      opened.addEventListener('state', ({ data }: MessageEvent<string>) => {
        setConnection('live');
        setState(JSON.parse(data) as StateData);
      });
      opened.addEventListener('lines', ({ data }: MessageEvent<string>) => {
        const lines = JSON.parse(data) as LogLine[];
        for (const listener of listeners.current) listener(lines);
      });
      opened.addEventListener('error', () => {
        setConnection('lost');
        if (opened.readyState === EventSource.CLOSED) timer = window.setTimeout(open, AGAIN_MS);
      });
    };
    const onVisibility = (): void => {
      if (document.visibilityState === 'hidden') close();
      else if (source === null) open();
    };
    onVisibility();
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      close();
    };
  }, []);
  return { connection, state, onLines: onLines.current };
}
