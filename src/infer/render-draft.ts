import { join } from 'node:path';
import type { EncodingName } from '../core/encoding-name.ts';
import { counted } from '../core/counted.ts';
import { deriveTable } from '../schema/derive-table.ts';
import { typeText } from '../schema/type-text.ts';
import type { DatasetNames } from './dataset-name.ts';
import type { DraftSchema } from './draft-schema.ts';
import type { FileProfile } from './profile-file.ts';
import { configText, yamlText } from '../core/yaml-text.ts';

/** A draft as text: two files, and the entry for the configuration, each with its lines. */
export interface RenderedDraft {
  schema: { path: string; lines: string[] };
  table: { path: string; lines: string[] };
  entry: string[];
}

/**
 * Writes a draft down as YAML.
 * @param file the name of the file that it was drawn from
 * @param folder where the schema files belong
 * @param encoding how the user says that such files are written
 */
export function renderDraft(
  file: string,
  folder: string,
  { name, match }: DatasetNames,
  profile: FileProfile,
  draft: DraftSchema,
  encoding: EncodingName = 'utf-8',
): RenderedDraft {
  const { columns, trim, nullWords, remarks } = draft;
  const { header, dialect } = profile.reading;
  const schema = join(folder, `${name}.yaml`);
  const table = join(folder, `${name}_sql.yaml`);
  const rows = counted(profile.rows, 'row');
  const clean = [
    ...(trim ? ['trim: true'] : []),
    ...(nullWords.length > 0 ? [`null_words: [${nullWords.map(configText).join(', ')}]`] : []),
  ];
  const delimiter = configText(dialect?.delimiter ?? '');
  return {
    schema: {
      path: schema,
      lines: [
        `# Drafted from ${yamlText(file)}: ${rows}, ${counted(columns.length, 'column')}, delimiter ${header.delimiter.name}.`,
        ...columns.flatMap((column) => {
          const type = yamlType(typeText(column.type), column.nullable);
          return [
            ...column.remarks.map((remark) => `# ${yamlText(column.name)}: ${remark}`),
            `${yamlText(column.name)}: ${type} # ${column.evidence}`,
          ];
        }),
      ],
    },
    table: {
      path: table,
      lines: [
        `${yamlText(name)}:`,
        ...deriveTable(name, columns).columns.map(
          (column) => `  - { name: ${yamlText(column.name)}, type: ${inFlow(column.mysqlType)} }`,
        ),
      ],
    },
    entry: [
      `  - name: ${yamlText(name)} # also the table`,
      `    match: ${configText(match)}`,
      `    schema: ${configText(schema)}`,
      `    table_schema: ${configText(table)}`,
      ...(encoding === 'utf-8' ? [] : [`    encoding: ${encoding}`]),
      ...(dialect === null ? [] : [`    dialect: { delimiter: ${delimiter} }`]),
      ...remarks.map((remark) => `    # ${remark}`),
      ...(clean.length === 0 ? [] : [`    clean: { ${clean.join(', ')} }`]),
    ],
  };
}

function yamlType(type: string, nullable: boolean): string {
  return nullable ? type : `{ type: ${inFlow(type)}, nullable: false }`;
}

/** A type inside braces, where a comma would end it. */
function inFlow(type: string): string {
  return type.includes(',') ? `'${type}'` : type;
}
