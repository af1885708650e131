import { counted } from '../core/counted.ts';
import { groupedDigits } from '../core/grouped-digits.ts';
import { htmlText } from '../core/html-text.ts';
import type { FailureReport } from './failure-report.ts';
import { GROUPS_SHOWN, problemSection } from './problem-section.ts';
import { pageStyle } from './page-style.ts';
import { PAGE_START } from './report-files.ts';

/**
 * The report as a page for people: for the sender, who sees nothing but the failed folder, and for the owner of the schema. It is
 * complete in itself, runs no script and loads nothing, and its size is bounded whatever the problems are. `name`: the file's in
 * the failed folder.
 */
export function failurePage(report: FailureReport, name: string): string {
  const { file, rowsRejected, verdict } = report;
  const rows = counted(rowsRejected, 'row');
  const was = rowsRejected === 1 ? 'was' : 'were';
  const [before, after] =
    verdict === 'failed' ? ['', ' was not loaded'] : [`${rows} of `, ` ${was} not loaded`];
  return `${PAGE_START}<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${htmlText(`${before}${file}${after}`)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<h1>${before}<bdi>${htmlText(file)}</bdi>${after}</h1>
<p class="verdict">${htmlText(sentence(report))}</p>
</header>
${facts(report)}
${problems(report)}
${nextSteps(report, name)}
${forTheOwner(report)}
</main>
<footer><p>csv-hopper ${htmlText(report.version)}. The same for programs: the file beside this one that ends in <code>.report.json</code>.</p></footer>
</body>
</html>
`;
}

function sentence(report: FailureReport): string {
  const { verdict, code, problemsTotal, rowsRead, rowsRejected, rowsAccepted, reason } = report;
  const found = counted(problemsTotal, 'problem');
  if (verdict === 'diverted') {
    const was = problemsTotal === 1 ? 'was' : 'were';
    return `${groupedDigits(rowsRejected)} of its ${counted(rowsRead, 'row')} ${rowsRejected === 1 ? 'was' : 'were'} not loaded, because ${found} ${was} found in ${rowsRejected === 1 ? 'it' : 'them'}. ${counted(rowsAccepted, 'row')} ${rowsAccepted === 1 ? 'is' : 'are'} loaded.`;
  }
  if (code === 'rows_refused') {
    return `Nothing of this file was loaded, because the database refused rows of it: ${reason}`;
  }
  if (rowsRead === 0) {
    return `Nothing of this file was loaded, because it could not be read as it is: ${reason}`;
  }
  if (rowsRejected === 0) return `Nothing of this file was loaded: ${reason}`;
  return `Nothing of this file was loaded, because ${found} ${problemsTotal === 1 ? 'was' : 'were'} found in ${groupedDigits(rowsRejected)} of its ${counted(rowsRead, 'row')}, and a file is loaded as a whole or not at all.`;
}

function facts(report: FailureReport): string {
  const { rowsRead, rowsAccepted, rowsRejected, rowsDroppedNull, rowsDroppedDuplicate } = report;
  const rows: [string, string][] = [
    ['File', `<bdi>${htmlText(report.file)}</bdi>`],
    ['Size', counted(report.bytes, 'byte')],
    [report.verdict === 'failed' ? 'Failed at' : 'Loaded at', time(report.time)],
    ['Dataset', htmlText(report.dataset)],
    ...(report.loadId === null
      ? []
      : [['Load id', `<code>${htmlText(report.loadId)}</code>`] as [string, string]]),
    ['Problems', groupedDigits(report.problemsTotal)],
  ];
  if (report.delimiter !== null) rows.push(['Delimiter', htmlText(report.delimiter)]);
  if (rowsRead === 0) rows.push(['Rows', 'not looked at']);
  else {
    rows.push(['Rows read', groupedDigits(rowsRead)]);
    const sound = report.verdict === 'failed' ? 'of them sound' : 'of them loaded';
    rows.push([sound, groupedDigits(rowsAccepted)]);
    rows.push(['with problems', groupedDigits(rowsRejected)]);
    if (rowsDroppedNull > 0) rows.push(['left out for nulls', groupedDigits(rowsDroppedNull)]);
    if (rowsDroppedDuplicate > 0) {
      rows.push(['left out as repeated', groupedDigits(rowsDroppedDuplicate)]);
    }
  }
  const list = rows.map(([term, value]) => `<div><dt>${term}</dt><dd>${value}</dd></div>`);
  return `<section aria-labelledby="facts">
<h2 id="facts">The file</h2>
<dl>
${list.join('\n')}
</dl>
</section>`;
}

function time(iso: string): string {
  const shown = iso.slice(0, 19).replace('T', ' ');
  return `<time datetime="${htmlText(iso)}">${htmlText(shown)} UTC</time>`;
}

function problems(report: FailureReport): string {
  const { groups, problemsTotal, values } = report;
  const shown = groups.slice(0, GROUPS_SHOWN);
  const rest = problemsTotal - shown.reduce((sum, group) => sum + group.count, 0);
  const sections = shown.map((group, i) => problemSection(group, report.problems, i + 1));
  const notes = [
    ...(values === 'redacted'
      ? ['The values are left out, because the configuration (report.values) says so.']
      : []),
    ...(rest > 0
      ? [
          `${counted(rest, 'more problem')} of other kinds ${rest === 1 ? 'is' : 'are'} not shown here.`,
        ]
      : []),
  ];
  return `<section aria-labelledby="problems">
<h2 id="problems">What is wrong</h2>
${notes.map((note) => `<p class="note">${note}</p>`).join('\n')}
${sections.join('\n')}
</section>`;
}

function nextSteps(report: FailureReport, name: string): string {
  const steps = report.verdict === 'failed' ? stepsForFile(report, name) : stepsForRows(name);
  return `<section aria-labelledby="next">
<h2 id="next">What to do</h2>
<ol>
${steps.map((step) => `<li>${step}</li>`).join('\n')}
</ol>
</section>`;
}

function stepsForRows(name: string): string[] {
  const file = `<bdi><code>${htmlText(name)}</code></bdi>`;
  return [
    `Correct the rows in ${file}, which lies beside this page. It holds these rows alone, as they were sent, and behind each what is wrong with it. Leave the columns <code>_line</code> to <code>_hint</code> as they are. ${spreadsheet}`,
    `Drop the corrected ${file} into the input folder, or put it back with ${retryCommand(name)}, which takes this page away too. Only its rows are loaded then.`,
    'Do not drop the whole file again: its other rows are loaded already.',
  ];
}

const spreadsheet =
  'A spreadsheet changes dates, long numbers and leading zeros when it opens a CSV file: import the file with all columns as text, and save it as “CSV UTF-8”.';

function stepsForFile({ file }: FailureReport, name: string): string[] {
  return [
    `Correct the file, best where it comes from. ${spreadsheet}`,
    `Drop the whole corrected file into the input folder again, as <bdi><code>${htmlText(file)}</code></bdi>. Nothing of it was loaded, so nothing is loaded twice.`,
    `Or correct the copy that lies beside this page, and put it back with ${retryCommand(name)}. That takes this page away too.`,
  ];
}

/** A command that is safe to copy into a shell whatever the file's name is. */
function retryCommand(name: string): string {
  // A name with signs that cannot be seen would not be the same when it is copied.
  if (/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(name)) {
    return '<code>csv-hopper retry</code> and the name of the file, or <code>csv-hopper retry --all</code>';
  }
  const isPlain = /^[\w.][\w.-]*$/.test(name);
  const argument = isPlain ? name : `-- '${name.replaceAll("'", `'\\''`)}'`;
  return `<code>csv-hopper retry ${htmlText(argument)}</code>`;
}

function forTheOwner({ schemaChange, problemsTotal, problemsShown }: FailureReport): string {
  if (schemaChange === null) return '';
  const unlisted =
    problemsTotal > problemsShown
      ? ' The report does not list all problems, so a value that is not listed may need more.'
      : '';
  return `<section aria-labelledby="schema">
<h2 id="schema">For the owner of the schema</h2>
<p>Where the values are right and the schema is too narrow, these lines of <code>schema.yaml</code> would take them as they are.${unlisted} Problems of other columns need a repair of the file. A table that is there already, and <code>schema_sql.yaml</code> if there is one, have to be changed in the same way.</p>
<pre tabindex="0" aria-label="Lines for schema.yaml"><code>${schemaChange.split('\n').map(htmlText).join('\n')}</code></pre>
</section>`;
}
