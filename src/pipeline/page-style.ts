/** The look of the page on a failed file: light or dark as the reader has it, and narrow enough for a phone. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #586069; --paper: #fff; --panel: #f5f6f8; --line: #d5d9de; --bad: #a61b1b; --badpaper: #fdeeee; --good: #17612f; --code: #eceef1; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e6e9; --soft: #a3abb5; --paper: #16181b; --panel: #1f2226; --line: #3a4048; --bad: #ff9b94; --badpaper: #3a1d1d; --good: #86d49d; --code: #2b3036; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main, footer { max-width: 56rem; margin: 0 auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1.5rem 0 .75rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .5rem; }
p { margin: .5rem 0; }
.verdict { border-left: .3rem solid var(--bad); background: var(--badpaper); padding: .6rem .8rem; margin: 0; }
.note, caption, footer { color: var(--soft); font-size: .9rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .5rem 1rem; margin: 0; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; }
dd code { font-size: .8em; padding: 0; background: none; }
article { background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; padding: .8rem 1rem; margin: 0 0 1rem; }
.count { display: inline-block; background: var(--badpaper); color: var(--bad); border-radius: 1rem; padding: 0 .6rem; margin-left: .25rem; font-size: .9rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-top: 1px solid var(--line); min-width: 3.5rem; }
td { min-width: 6.5rem; }
thead th { border-top: 0; font-size: .85rem; color: var(--soft); }
tbody th { font-weight: 600; white-space: nowrap; }
code, pre { font: .9em/1.45 ui-monospace, monospace; }
code { background: var(--code); border-radius: .2rem; padding: .05rem .25rem; white-space: pre-wrap; }
pre { background: var(--code); border-radius: .4rem; padding: .7rem .9rem; overflow-x: auto; }
pre code { background: none; padding: 0; white-space: pre; }
.arrow { color: var(--good); }
.hint { border-left: .2rem solid var(--good); padding-left: .6rem; }
li { margin: .4rem 0; }
footer { padding-bottom: 2rem; }
@media print { article { break-inside: avoid; } }
`;
