// JSON Schemas of config.yaml and schema.yaml, by which editors complete and check them. They cannot know all that csv-hopper
// checks itself, but they refuse nothing that it takes.
import * as z from 'zod';
import { configSchema } from '../src/config/config-schema.ts';
import { columnTypes } from '../src/schema/column-types.ts';

type JsonSchema = Record<string, unknown>;

/** Text that holds an environment variable may stand for anything. */
const VARIABLE = '\\$\\{';
const draft = { target: 'draft-7', io: 'input' } as const;

function textLike(pattern: string): JsonSchema {
  return { type: 'string', pattern: `${pattern}|${VARIABLE}` };
}

/** Values in YAML have types, where csv-hopper reads the text as it is written: 3306 is as good as "3306". */
export function configJsonSchema(): JsonSchema {
  const made = z.toJSONSchema(configSchema, {
    ...draft,
    unrepresentable: 'any',
    // What our metadata call a type and a default are words for docs/CONFIG.md.
    metadata: z.registry(),
    override: ({ zodSchema, jsonSchema }) => {
      const { description, type } = z.globalRegistry.get(zodSchema) ?? {};
      if (type !== undefined && zodSchema instanceof z.ZodPipe) {
        const { out } = zodSchema._zod.def;
        const isWhole = typeof type === 'string' && type.startsWith('whole');
        if (type === 'number from 0 to 1') replace(jsonSchema, share);
        else replace(jsonSchema, out instanceof z.ZodNumber ? number(out, isWhole) : truth);
      } else if (zodSchema instanceof z.ZodEnum) {
        replace(jsonSchema, { anyOf: [{ enum: zodSchema.options }, textLike('^$')] });
      } else if (zodSchema instanceof z.ZodString) {
        replace(jsonSchema, text(zodSchema));
      }
      if (typeof jsonSchema.default === 'object') delete jsonSchema.default;
      if (description !== undefined) jsonSchema.description = description;
    },
  });
  return { ...made, title: 'The configuration of csv-hopper' };
}

function replace(jsonSchema: object, by: JsonSchema): void {
  for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
  Object.assign(jsonSchema, by);
}

const truth = { anyOf: [{ type: 'boolean' }, textLike('^(true|false)$')] };

const share = {
  anyOf: [
    { type: 'number', minimum: 0, maximum: 1 },
    textLike('^(0|1|0?\\.\\d{1,15}|1\\.0{1,15})$'),
  ],
};

function number({ minValue, maxValue }: z.ZodNumber, isWhole: boolean): JsonSchema {
  const range = { type: isWhole ? 'integer' : 'number', minimum: minValue, maximum: maxValue };
  return { anyOf: [range, textLike(isWhole ? '^-?\\d{1,15}$' : '^\\d*(\\.\\d{1,15})?$')] };
}

/** A password of digits is text all the same. A pattern in JSON has no flags, so one that needs them is left out. */
function text(schema: z.ZodString): JsonSchema {
  const checks = schema._zod.def.checks?.map((check) => check._zod.def) ?? [];
  const pattern = checks.flatMap((check) =>
    'pattern' in check ? (check.pattern as RegExp) : [],
  )[0];
  return {
    type: ['string', 'number', 'boolean'],
    ...(schema.minLength === null ? {} : { minLength: schema.minLength }),
    ...(pattern === undefined || pattern.ignoreCase
      ? {}
      : { pattern: `${pattern.source}|${VARIABLE}` }),
  };
}

/** The names of the types in any letter case, with what may stand in parentheses behind them. */
function typePattern(): string {
  const names = Object.entries(columnTypes).flatMap(([name, { aliases }]) => [name, ...aliases]);
  const anyCase = names.map((name) =>
    name
      .replaceAll(/[A-Z]/g, (letter) => `[${letter}${letter.toLowerCase()}]`)
      .replaceAll(' ', '\\s+'),
  );
  return `^\\s*(${anyCase.join('|')})\\s*(\\([\\d\\s,]*\\)\\s*)?$`;
}

const value = z.union([z.string(), z.number(), z.boolean()]);
const words = z.array(value).min(1);
const count = z.union([z.int().min(0), z.string().regex(/^\d{1,9}$/)]);
const truthful = z.union([z.boolean(), z.enum(['true', 'false'])]);
const type = z.union([
  z.enum(Object.keys(columnTypes)),
  z.string().regex(new RegExp(typePattern())),
]);

/** The keys of a column, as docs/SCHEMA.md has them. */
const columnEntry = z.strictObject({
  type: type.describe('The type of the values, such as INTEGER or VARCHAR(20).'),
  nullable: truthful.optional().describe('Whether a cell may have no value; by default it may.'),
  required: truthful.optional().describe('The opposite of nullable.'),
  description: value.optional().describe('What the column is about, for people.'),
  default: value.optional().describe('The value of cells that have none.'),
  unique: truthful.optional().describe('Whether no two rows of a file may have the same value.'),
  aliases: z.union([value, words]).optional().describe('Other names of the column in a header.'),
  min: value.optional().describe('The least value, of numbers, dates and times.'),
  max: value.optional().describe('The greatest value, of numbers, dates and times.'),
  minLength: count.optional().describe('The fewest characters of a text.'),
  maxLength: count.optional().describe('The most characters of a text.'),
  enum: words.optional().describe('The only values that are possible.'),
  pattern: value.optional().describe('A regular expression that the whole of a text matches.'),
  format: value.optional().describe('How dates and times are written, such as %d.%m.%Y.'),
  decimalChar: value.optional().describe('What stands before the fraction of a number.'),
  groupChar: value.optional().describe('What may stand between groups of three digits.'),
  trueValues: words.optional().describe('The words for true.'),
  falseValues: words.optional().describe('The words for false.'),
  missingValues: words.optional().describe('Words that mean "no value".'),
});

/** A rule across columns. */
const check = z.strictObject({
  check: z.string().describe('The condition that each row has to fulfil, such as paid <= price.'),
  name: value.optional().describe('What the check is called in messages.'),
  message: value.optional().describe('What to say where it is broken.'),
  hint: value.optional().describe('What to do then.'),
});

/** As of columns. */
export const checkEntryKeys = Object.keys(check.shape);

/** The keys that a column may have in an editor's eyes; a test holds them against those that csv-hopper takes. */
export const columnEntryKeys = Object.keys(columnEntry.shape);

export function schemaJsonSchema(): JsonSchema {
  const checks = z.array(z.union([z.string(), check])).min(1);
  const file = z
    .object({
      $checks: z
        .union([checks, type, columnEntry])
        .optional()
        .describe('Conditions on several columns, which each row has to fulfil.'),
    })
    .extend({
      $uniqueKeys: z
        .union([z.array(words), type, columnEntry])
        .optional()
        .describe('Columns whose values, together, no two rows of a file may have.'),
    })
    .catchall(z.union([type, columnEntry]));
  return {
    ...z.toJSONSchema(file, { ...draft, reused: 'ref' }),
    title: 'The columns of a dataset of csv-hopper',
  };
}
