import type { JSX } from 'preact';

interface DownloadFormProps {
  sql: string;
  /** Of the file, without its end. */
  name: string;
  /** Whether what becomes of formulas can be chosen; otherwise they are made harmless. */
  canChoose?: boolean;
}

/**
 * A button that takes the whole answer away as CSV. A form of the browser and no script sends it, so that a file of any size goes to the
 * disk as it comes; what is wrong is shown in a tab of its own.
 */
export function DownloadForm({ sql, name, canChoose = false }: DownloadFormProps): JSX.Element {
  return (
    <form class="download" method="post" action="/api/data/csv" target="_blank">
      <input type="hidden" name="sql" value={sql} />
      <input type="hidden" name="name" value={name} />
      {canChoose ? (
        <select
          name="formulas"
          aria-label="Formulas in the CSV file"
          title="An apostrophe before each text that a spreadsheet would take for a formula"
        >
          <option value="neutralised">formulas made harmless</option>
          <option value="raw">exactly as it is</option>
        </select>
      ) : null}
      <button type="submit">Download CSV</button>
    </form>
  );
}
