/** The first rows of a query's answer, as they are sent to a page. */
export interface TableJson {
  /** Types in SQL's words, such as `DECIMAL(10,2)`. */
  columns: { name: string; type: string }[];
  /** Whether these are all rows. */
  isWhole: boolean;
  /** How many texts were too long and are cut. */
  cellsCut: number;
  /** A DECIMAL, and a whole number that a double would change, is its text, and so are dates and times; instants are in UTC. */
  rows: (string | number | boolean | null)[][];
}

/** What is in the columns of a dataset. */
export interface SummaryJson {
  dataset: string;
  rows: number;
  columns: ColumnJson[];
}

export interface ColumnJson {
  name: string;
  /** As the schema has it, such as VARCHAR(20). */
  type: string;
  description: string | null;
  kind: ColumnKind;
  nulls: number;
  /** How many different values. */
  distinct: number;
  /** Whether that is an estimate, within some percent. */
  isEstimate: boolean;
  /** Text of the least and the greatest value; null where there is none, and for text. */
  min: string | null;
  max: string | null;
  /** Of numbers. */
  mean: number | null;
  median: number | null;
  /** Of text: the length of the longest, in characters. */
  longest: number | null;
  distribution: DistributionJson | null;
}

/** What can be drawn of the values of a column. */
export type ColumnKind = 'number' | 'date' | 'time' | 'instant' | 'text' | 'boolean';

export type DistributionJson =
  /** Each bar from a value, inclusive, to the next, exclusive; of times in milliseconds since 1970, or since midnight. */
  | {
      kind: 'histogram';
      width: number;
      /** Whether each bar stands for one whole number. */
      isExact: boolean;
      bars: { from: number; count: number }[];
    }
  /** The most frequent values, cut where they are long; how many rows have others, and how many others there are where that is known. */
  | {
      kind: 'values';
      values: { value: string; count: number }[];
      others: number;
      otherValues: number | null;
    };

/** When a dataset was loaded: what stands now, in steps of time without gaps in UTC. */
export interface HistoryJson {
  dataset: string;
  step: 'hour' | 'day' | 'week' | 'month';
  loads: number;
  rows: number;
  /** ISO 8601; null where nothing was loaded. */
  last: string | null;
  steps: { start: string; loads: number; rows: number; rejected: number }[];
}

/** A dataset in the list of all. */
export interface DatasetJson {
  name: string;
  /** Published Parquet files. */
  files: number;
  bytes: number;
  columns: number;
  match: string;
}

/** A question that somebody has saved as a file with SQL. */
export interface QuestionJson {
  /** The name of its file without `.sql`. */
  name: string;
  title: string;
  /** What its comment says besides; may be empty. */
  notes: string;
  sql: string;
  plot: PlotJson | null;
}

/** How an answer is drawn: which of its columns is what. */
export interface PlotJson {
  kind: 'bar' | 'line' | 'dot' | 'tiles';
  x: string;
  /** Tiles have none. */
  y: string | null;
  /** Side by side, a plot for each of its values. */
  facet: string | null;
}

/** What a report is made of. */
export interface ReportJson {
  /** When its data were read: ISO 8601, UTC. */
  made: string;
  /** Of csv-hopper. */
  version: string;
  datasets: { summary: SummaryJson; history: HistoryJson; files: number; bytes: number }[];
  /** `error`: why there is no answer. */
  questions: { question: QuestionJson; answer: TableJson | null; error: string | null }[];
}
