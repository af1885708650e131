/**
 * The functions of the kernel, which `wasm/` has the source of. Addresses are of bytes in its memory; a `column` is one too.
 */
export interface KernelFunctions {
  allocate(bytes: number): number;
  release(at: number): void;

  isPlain(bytes: number, length: number): number;

  scanRows(
    bytes: number,
    start: number,
    end: number,
    limit: number,
    delimiter: number,
    fieldCount: number,
    starts: number,
    ends: number,
    rowStarts: number,
    rowEnds: number,
    lines: number,
    doubled: number,
    firstRow: number,
    rowsMax: number,
    firstLine: number,
  ): number;
  readonly scannedRows: WebAssembly.Global;
  readonly scannedLine: WebAssembly.Global;

  gatheredBytes(
    bytes: number,
    starts: number,
    ends: number,
    fieldCount: number,
    from: number,
    to: number,
    fields: number,
    count: number,
  ): number;
  gatherCells(
    bytes: number,
    starts: number,
    ends: number,
    fieldCount: number,
    from: number,
    to: number,
    fields: number,
    count: number,
    keys: number,
    keyOffsets: number,
    trims: boolean,
    out: number,
    outStarts: number,
    outEnds: number,
  ): void;

  createColumn(
    form: number,
    lengthMax: number,
    scale: number,
    min: bigint,
    max: bigint,
    storage: number,
    width: number,
  ): number;
  setCleaning(column: number, trims: boolean, lowercases: boolean, nullWords: number): void;
  setPurpose(column: number, renders: boolean, hashes: boolean): void;
  setSeed(column: number, seed: bigint): void;
  clearColumn(column: number): void;
  destroyColumn(column: number): void;
  reserveIds(column: number, rows: number): void;
  beginCells(column: number): void;
  appendCells(
    column: number,
    bytes: number,
    starts: number,
    ends: number,
    fieldCount: number,
    field: number,
    from: number,
    to: number,
    base: number,
  ): number;
  enterCell(column: number, at: number, length: number, row: number, id: number): void;
  endCells(column: number, rows: number): void;
  findText(column: number, at: number, length: number): number;
  addText(column: number, at: number, length: number, id: number): void;
  sameText(column: number, a: number, b: number): number;
  allowRepeats(column: number): void;
  addInt32(column: number, value: number, text: number, length: number): number;
  addInt64(column: number, value: bigint, text: number, length: number): number;
  addDouble(column: number, value: number, text: number, length: number): number;
  addFloat(column: number, value: number, text: number, length: number): number;
  addBoolean(column: number, value: boolean, text: number, length: number): number;
  addFixed(column: number, value: number, text: number, length: number): number;
  addBytes(column: number, text: number, length: number): number;
  columnBytes(column: number): number;
  keepRows(column: number, kept: number, count: number): void;
  countNulls(column: number, rows: number): number;
  columnIds(column: number): number;
  columnCount(column: number): number;
  columnEntries(column: number): number;
  columnOffsets(column: number): number;
  columnHashes(column: number): number;
  columnNulls(column: number): number;
  columnBroken(column: number): number;
  columnRepeats(column: number): number;

  findUnmatched(
    start: number,
    accepting: number,
    skips: number,
    bytes: number,
    offsets: number,
    from: number,
    to: number,
  ): number;

  findIntegerOutside(
    storage: number,
    values: number,
    from: number,
    to: number,
    low: bigint,
    high: bigint,
  ): number;
  findRealOutside(
    storage: number,
    values: number,
    from: number,
    to: number,
    low: number,
    high: number,
  ): number;
  findLengthOutside(
    bytes: number,
    offsets: number,
    from: number,
    to: number,
    least: number,
    most: number,
  ): number;

  ascends(column: number, rows: number, last: bigint): number;
  readonly lastValue: { readonly value: bigint };
  findDisordered(
    left: number,
    leftFactor: bigint,
    right: number,
    rightFactor: bigint,
    accepted: number,
    from: number,
    to: number,
  ): number;

  writeHybrid(out: number, values: number, count: number, width: number): number;
  writeRun(out: number, value: number, count: number, width: number): number;
  gatherPresent(ids: number, rows: number, present: number): number;
  encodeDictionary(
    ids: number,
    rows: number,
    entryCount: number,
    codeOf: number,
    order: number,
    codes: number,
  ): number;
  readonly dictionarySize: WebAssembly.Global;
  writeLevels(out: number, ids: number, rows: number, levels: number): number;
  readonly presentRows: WebAssembly.Global;
  entryBytes(offsets: number, ids: number, count: number): number;
  rowsOfPage(offsets: number, ids: number, rows: number, bytesMax: number): number;
  writePlain(
    out: number,
    storage: number,
    entries: number,
    offsets: number,
    width: number,
    ids: number,
    count: number,
  ): number;
  writeDelta(
    out: number,
    storage: number,
    entries: number,
    offsets: number,
    ids: number,
    count: number,
    numbers: number,
  ): number;
  findExtremes(
    storage: number,
    entries: number,
    offsets: number,
    width: number,
    ids: number,
    count: number,
  ): number;
  readonly leastId: WebAssembly.Global;
  readonly greatestId: WebAssembly.Global;

  countUses(
    ids: number,
    rows: number,
    counts: number,
    entryCount: number,
    used: number,
    weights: number,
  ): number;
  readonly presentCount: WebAssembly.Global;
  sumNumbers(
    storage: number,
    entries: number,
    width: number,
    ids: number,
    count: number,
    weights: number,
    rows: number,
  ): void;
  readonly numbersMean: WebAssembly.Global;
  readonly numbersSquares: WebAssembly.Global;
  countOutside(
    storage: number,
    entries: number,
    width: number,
    ids: number,
    count: number,
    weights: number,
    low: number,
    high: number,
  ): number;
  sampleNumbers(
    storage: number,
    entries: number,
    width: number,
    ids: number,
    rows: number,
    share: number,
    out: number,
  ): number;
  measureTexts(
    entries: number,
    offsets: number,
    entryCount: number,
    ids: number,
    count: number,
    weights: number,
  ): void;
  readonly shortestText: WebAssembly.Global;
  readonly longestText: WebAssembly.Global;
  readonly textCharacters: WebAssembly.Global;
  sketchEntries(
    storage: number,
    entries: number,
    offsets: number,
    width: number,
    ids: number,
    count: number,
    registerCount: number,
    registers: number,
  ): void;
  placeEntries(
    storage: number,
    entries: number,
    offsets: number,
    width: number,
    ids: number,
    count: number,
    registerCount: number,
    cells: number,
  ): void;
  filledRegisters(registers: number, count: number): number;

  addFingerprints(fingerprints: number, ids: number, hashes: number, rows: number): void;

  renderRows(
    columns: number,
    columnCount: number,
    from: number,
    to: number,
    out: number,
    room: number,
  ): number;
  renderedBytes(columns: number, columnCount: number, row: number): number;
  readonly renderedRows: WebAssembly.Global;
}
