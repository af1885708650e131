import type { ComponentType, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SessionData } from '../serve/page-data.ts';
import { ErrorNote } from './error-note.tsx';
import { type Connection, LiveContext, useConnection } from './live.ts';
import { placeUrl } from './place.ts';
import { usePlace } from './router.ts';
import { type View, type ViewProps, views } from './views.ts';

/** What stands around every view, and the view of the place. */
export function Shell({ session }: { session: SessionData }): JSX.Element {
  const place = usePlace();
  const live = useConnection();
  const view = Object.hasOwn(views, place.view) ? views[place.view] : undefined;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const title = view?.title ?? 'Not found';
  const where = [place.view, ...place.words].join('/');
  useEffect(() => {
    document.title = `${title} · csv-hopper`;
    // Whoever uses a keyboard or a screen reader goes on in the new view, and not in the menu.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    if (!isFirst.current) scrollTo(0, 0);
    isFirst.current = false;
  }, [where, title]);
  return (
    <LiveContext.Provider value={live}>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        To the content
      </a>
      <header class="top">
        <a class="brand" href="#/">
          csv-hopper
        </a>
        <Menu current={place.view} session={session} />
        <p class="who">
          <LiveMark connection={live.connection} />
          <span title="Who you are for csv-hopper, and what you may do">
            {session.name}, {session.role}
          </span>
        </p>
      </header>
      <main id="main" tabIndex={-1} ref={main}>
        {view === undefined ? (
          <NotFound />
        ) : (
          <Loaded key={place.view} view={view} props={{ place, session }} />
        )}
      </main>
      <footer class="bottom">csv-hopper {session.version}</footer>
    </LiveContext.Provider>
  );
}

function LiveMark({ connection }: { connection: Connection }): JSX.Element {
  const text = { opening: 'Connecting', live: 'Live', lost: 'No connection' }[connection];
  return (
    <span class={`live ${connection}`} role="status">
      {text}
    </span>
  );
}

function Menu({ current, session }: { current: string; session: SessionData }): JSX.Element {
  const listed = Object.entries(views).filter(
    ([, { isInMenu, showsData }]) => isInMenu && (showsData !== true || session.seesData),
  );
  return (
    <nav aria-label="Views">
      <ul>
        {listed.map(([name, { title }]) => (
          <li key={name}>
            <a
              href={placeUrl(name === '' ? [] : [name])}
              aria-current={name === current ? 'page' : undefined}
            >
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The view, as soon as its code is there. */
function Loaded({ view, props }: { view: View; props: ViewProps }): JSX.Element | null {
  const [state, setState] = useState<{ Component?: ComponentType<ViewProps>; error?: unknown }>({});
  useEffect(() => {
    let isCurrent = true;
    Promise.resolve(view.load()).then(
      (Component) => {
        if (isCurrent) setState({ Component });
      },
      (error: unknown) => {
        if (isCurrent) setState({ error });
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [view]);
  const { Component, error } = state;
  if (error !== undefined) {
    // After an update of csv-hopper the old code is gone.
    return (
      <ErrorNote
        error={error}
        again={() => {
          location.reload();
        }}
      />
    );
  }
  return Component === undefined ? null : <Component {...props} />;
}

function NotFound(): JSX.Element {
  return (
    <section class="empty">
      <h1>There is nothing here</h1>
      <p>
        The address leads nowhere. <a href="#/">To the overview</a>
      </p>
    </section>
  );
}
