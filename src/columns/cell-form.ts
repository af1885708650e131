import { decimalWidth } from '../schema/column-types.ts';
import type { ColumnType, Storage } from '../schema/column-type.ts';

/** How the kernel reads the cells of a column: the arguments of createColumn. See kernel/wasm/parse.ts. */
export interface CellForm {
  form: number;
  lengthMax: number;
  scale: number;
  min: bigint;
  max: bigint;
}

const ANY_FORM = 0;
const WHOLE_NUMBER = 1;
const DECIMAL = 2;
const DATE = 3;
const DATETIME = 4;
const REAL = 5;
const TEXT = 6;
const PADDED_TEXT = 7;

const kernelStorages: Record<Storage, number> = {
  boolean: 0,
  int32: 1,
  int64: 2,
  float: 3,
  double: 4,
  bytes: 5,
  fixed: 6,
};

/** The number by which the kernel knows a storage. */
export function kernelStorage(storage: Storage): number {
  return kernelStorages[storage];
}

/** The bytes of an entry; 0 where they have lengths of their own. `precision`: the digits of a decimal of fixed width. */
export function entryWidth(storage: Storage, precision: number): number {
  switch (storage) {
    case 'boolean':
      return 1;
    case 'int32':
    case 'float':
      return 4;
    case 'int64':
    case 'double':
      return 8;
    case 'bytes':
      return 0;
    case 'fixed':
      return decimalWidth(precision);
  }
}

/** The form in which most cells of a type are written, and what the kernel may accept in it. */
export function cellForm(type: ColumnType): CellForm {
  switch (type.name) {
    case 'TINYINT':
      return wholeNumber(8n);
    case 'SMALLINT':
      return wholeNumber(16n);
    case 'INTEGER':
      return wholeNumber(32n);
    case 'BIGINT':
      return wholeNumber(64n);
    case 'DECIMAL': {
      // More digits do not fit 64 bits.
      if (type.precision > 18) return anyForm;
      return {
        ...anyForm,
        form: DECIMAL,
        lengthMax: type.precision - type.scale,
        scale: type.scale,
      };
    }
    case 'DATE':
      return { ...anyForm, form: DATE };
    case 'DATETIME':
      return datetime(type.fraction, -(2n ** 62n), 2n ** 62n);
    case 'TIMESTAMP':
      // What MySQL's TIMESTAMP holds, in seconds since 1970.
      return datetime(type.fraction, 1n, 2n ** 31n - 1n);
    case 'DOUBLE':
      return { ...anyForm, form: REAL };
    case 'VARCHAR':
      return text(type.length);
    case 'CHAR':
      return { ...text(type.length), form: PADDED_TEXT };
    case 'TEXT':
      return text(65_535);
    case 'MEDIUMTEXT':
      return text(16_777_215);
    case 'LONGTEXT':
      return text(2 ** 31 - 1);
    case 'FLOAT':
    case 'BOOLEAN':
    case 'TIME':
    case 'JSON':
      return anyForm;
  }
}

/** Cells that the kernel leaves to the parsers. */
export const anyForm: CellForm = { form: ANY_FORM, lengthMax: 0, scale: 0, min: 0n, max: 0n };

function wholeNumber(bits: bigint): CellForm {
  const limit = 2n ** (bits - 1n);
  return { ...anyForm, form: WHOLE_NUMBER, min: -limit, max: limit - 1n };
}

function datetime(fraction: number, min: bigint, max: bigint): CellForm {
  return { ...anyForm, form: DATETIME, scale: fraction, min, max };
}

/** So many characters have at least as many bytes, so a cell of no more bytes fits. */
function text(lengthMax: number): CellForm {
  return { ...anyForm, form: TEXT, lengthMax };
}
