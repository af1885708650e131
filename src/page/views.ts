// What there is to see, by the first word of the address. A view is loaded when somebody goes there, so that what one needs does not
// make the others wait.
import type { ComponentType } from 'preact';
import type { SessionData } from '../serve/page-data.ts';
import { OverviewView } from './overview/overview-view.tsx';
import type { Place } from './place.ts';

export interface ViewProps {
  place: Place;
  session: SessionData;
}

export interface View {
  title: string;
  /** Whether it stands in the menu, in the order of the table. */
  isInMenu: boolean;
  /** Whether it shows rows of the datasets, which not everybody may see. */
  showsData?: boolean;
  load: () => Promise<ComponentType<ViewProps>> | ComponentType<ViewProps>;
}

const fileView = () => import('./file/file-view.tsx');

export const views: Readonly<Record<string, View>> = {
  '': { title: 'Overview', isInMenu: true, load: () => OverviewView },
  data: {
    ...{ title: 'Data', isInMenu: true, showsData: true },
    load: async () => (await import('./data/data-view.tsx')).DataView,
  },
  sql: {
    ...{ title: 'SQL', isInMenu: true, showsData: true },
    load: async () => (await import('./data/sql-view.tsx')).SqlView,
  },
  questions: {
    ...{ title: 'Questions', isInMenu: true, showsData: true },
    load: async () => (await import('./data/questions-view.tsx')).QuestionsView,
  },
  file: { title: 'File', isInMenu: false, load: async () => (await fileView()).FileView },
  failed: { title: 'File', isInMenu: false, load: async () => (await fileView()).FileView },
  log: {
    ...{ title: 'Log', isInMenu: true },
    load: async () => (await import('./log/log-view.tsx')).LogView,
  },
};
