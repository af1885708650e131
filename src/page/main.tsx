// The page of csv-hopper. In: what it asks of the server that it came from. It begins here, with who looks at it; views.ts has what
// there is to see.
import './style/page.css';
import './style/data.css';
import { render } from 'preact';
import type { SessionData } from '../serve/page-data.ts';
import { getJson } from './api.ts';
import { ErrorNote } from './error-note.tsx';
import { Shell } from './shell.tsx';

async function begin(root: HTMLElement): Promise<void> {
  try {
    const session = await getJson<SessionData>('/api/session');
    render(<Shell session={session} />, root);
  } catch (error) {
    const again = (): void => void begin(root);
    render(<ErrorNote error={error} again={again} />, root);
  }
}

void begin(document.body);
