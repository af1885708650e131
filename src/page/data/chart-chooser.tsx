import type { JSX } from 'preact';
import type { PlotJson, TableJson } from '../../core/explorer-data.ts';
import { meaningOf } from './chart.ts';

interface ChartChooserProps {
  table: TableJson;
  plot: PlotJson | null;
  onChange: (plot: PlotJson | null) => void;
}

const kinds = { bar: 'Bars', line: 'Line', dot: 'Dots', tiles: 'Tiles' } as const;

/** Which chart is drawn of which columns. */
export function ChartChooser({ table, plot, onChange }: ChartChooserProps): JSX.Element {
  const names = table.columns.map(({ name }) => name);
  const numbers = table.columns
    .filter(({ type }) => meaningOf(type) === 'number')
    .map(({ name }) => name);
  const change = (part: Partial<PlotJson>): void => {
    const before = plot ?? {
      kind: 'bar',
      x: names[0] ?? '',
      y: numbers.at(-1) ?? null,
      facet: null,
    };
    onChange({ ...before, ...part });
  };
  const chooseKind = (value: string): void => {
    const kind = (Object.keys(kinds) as (keyof typeof kinds)[]).find((one) => one === value);
    if (kind === undefined) onChange(null);
    else if (kind === 'tiles') change({ kind, y: null, facet: null });
    else change({ kind, y: plot?.y ?? numbers.at(-1) ?? null });
  };
  return (
    <div class="chooser" role="group" aria-label="Chart">
      <Choice
        label="Chart"
        value={plot?.kind ?? ''}
        options={[
          ['', 'None'],
          ...Object.entries(kinds).filter(([kind]) => kind === 'tiles' || numbers.length > 0),
        ]}
        onChange={chooseKind}
      />
      {plot === null ? null : (
        <>
          <Choice
            label={plot.kind === 'tiles' ? 'of' : 'across'}
            value={plot.x}
            options={names.map((name) => [name, name])}
            onChange={(x) => {
              change({ x });
            }}
          />
          {plot.kind === 'tiles' ? null : (
            <>
              <Choice
                label="up"
                value={plot.y ?? ''}
                options={numbers.map((name) => [name, name])}
                onChange={(y) => {
                  change({ y });
                }}
              />
              <Choice
                label="side by side"
                value={plot.facet ?? ''}
                options={[['', 'no'], ...names.map((name): [string, string] => [name, name])]}
                onChange={(facet) => {
                  change({ facet: facet === '' ? null : facet });
                }}
              />
            </>
          )}
        </>
      )}
    </div>
  );
}

function Choice({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}): JSX.Element {
  return (
    <label>
      <span class="soft">{label}</span>{' '}
      <select
        value={value}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      >
        {options.map(([key, text]) => (
          <option key={key} value={key} selected={key === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
