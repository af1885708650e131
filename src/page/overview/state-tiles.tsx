import type { JSX } from 'preact';
import type { SessionData, StateData } from '../../serve/page-data.ts';
import { formatNumber } from '../format.ts';

/** How many files there are of each kind, and whether the database is there. */
export function StateTiles({
  state,
  session,
}: {
  state: StateData;
  session: SessionData;
}): JSX.Element {
  const { waiting, running, parked, failed, database } = state;
  return (
    <dl class="tiles">
      <Tile name="Waiting" value={formatNumber(waiting.count)} about="in the input folder" />
      <Tile name="At work" value={formatNumber(running.count)} about="on their way" />
      <Tile
        name="Parked"
        value={formatNumber(parked.count)}
        about="wait for something else"
        tone={parked.count > 0 ? 'wait' : ''}
      />
      <Tile
        name="Failed"
        value={formatNumber(failed)}
        about="to be repaired"
        tone={failed > 0 ? 'bad' : ''}
      />
      {session.hasDatabase ? (
        <Tile
          name="Database"
          value={database === 'up' ? 'Up' : database === null ? '…' : 'Away'}
          about={database === 'up' || database === null ? 'takes rows' : database}
          tone={database === 'up' ? 'good' : database === null ? '' : 'wait'}
        />
      ) : (
        <Tile name="Database" value="None" about="rows are in Parquet files" />
      )}
    </dl>
  );
}

interface TileProps {
  name: string;
  value: string;
  about: string;
  tone?: string;
}

function Tile({ name, value, about, tone = '' }: TileProps): JSX.Element {
  return (
    <div class={`tile ${tone}`}>
      <dt>{name}</dt>
      <dd>
        <span class="value">{value}</span>
        <span class="about">{about}</span>
      </dd>
    </div>
  );
}
