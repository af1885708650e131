import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// The layers of src, lowest first. A folder imports from layers below its own and from itself; the steps of one layer
// do not import one another and meet in pipeline/.
const layers = [
  ['errors', 'core', 'kernel'],
  ['config', 'schema', 'log'],
  ['decode', 'csv', 'columns', 'parquet', 'profile', 'intake', 'load', 'notify'],
  ['pipeline'],
  ['daemon', 'serve', 'query', 'infer'],
  ['systemd'],
  ['commands'],
];

// What the layers alone would forbid and the design wants: core raises HopperErrors, config names schema's datasets,
// decoded text has the lines that csv/ finds, columns are built from its rows, and Parquet, profiles and the load are made from
// column batches. What is served is the daemon, what it does, and what queries find.
/** @type {Record<string, string[]>} */
const besides = {
  core: ['errors'],
  config: ['schema'],
  decode: ['csv'],
  columns: ['csv'],
  parquet: ['columns'],
  profile: ['columns'],
  serve: ['daemon', 'query'],
};

const importRules = layers.flatMap((folders, layer) =>
  folders.map((folder) => {
    const higher = layers.slice(layer + 1).flat();
    const sideways = folders.filter(
      (other) => other !== folder && !(besides[folder] ?? []).includes(other),
    );
    const regex = `^(\\.\\./)+(${[...higher, ...sideways].join('|')})/`;
    return {
      files: [`src/${folder}/**/*.ts`],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              { regex, message: `${folder}/ must not import from there: imports point one way.` },
            ],
          },
        ],
      },
    };
  }),
);

const zodAsAWhole = {
  selector: 'ImportDeclaration[source.value="zod"] > ImportSpecifier',
  message:
    'Import * as z: anything else brings all of zod into the bundle, 0.5 MB more to read at each start.',
};

// A name from YAML reaches SQL by one function, and whoever writes a backtick elsewhere is about to write another. The layers
// below those that know the database describe keys and columns to people, in Markdown.
const backticks = ['Literal[value=/`/]', 'TemplateElement[value.cooked=/`/]'].map((selector) => ({
  selector,
  message: 'Names are quoted for SQL by load/quote-identifier.ts, and nowhere else.',
}));
const withoutDatabase = layers.slice(0, 2).flat();

// The page runs in a browser, and shares with the server the types of what passes between them, and what core has for both.
const pageRules = {
  files: ['src/page/**'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(\\.\\./)+(?!core/|serve/[a-z-]+-data\\.ts)(${layers.flat().join('|')})/`,
            message: 'The page may import only core/ and the types in serve/*-data.ts.',
          },
        ],
      },
    ],
  },
};

export default defineConfig(
  // AssemblyScript has types of its own, which its compiler checks.
  globalIgnores(['dist/', 'dist-*/', 'coverage/', 'src/kernel/wasm/']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Typed arrays are indexed in bounds that the loop has checked; `!` says so where noUncheckedIndexedAccess cannot see it.
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Only src/config/environment.ts reads the environment.',
        },
      ],
    },
  },
  {
    files: ['src/config/environment.ts', 'test/**', 'scripts/**', '*.config.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // Plain scripts for npm, which run before anything is compiled or installed, and programs that the bench measures.
    files: ['scripts/**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly' } },
  },
  {
    files: ['src/**'],
    rules: { 'no-restricted-syntax': ['error', zodAsAWhole] },
  },
  {
    files: ['src/**'],
    ignores: [
      'src/load/quote-identifier.ts',
      ...withoutDatabase.map((folder) => `src/${folder}/**`),
    ],
    rules: { 'no-restricted-syntax': ['error', zodAsAWhole, ...backticks] },
  },
  ...importRules,
  pageRules,
);
