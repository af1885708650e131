// What the host calls.
export { allocate, release } from './memory';
export { isPlain } from './inspect';
export { scanRows, scannedRows, scannedLine } from './scan';
export { addFingerprints } from './hash';
export * from './column';
export * from './entries';
export * from './append';
export { renderRows, renderedRows, renderedBytes } from './render';
export { writeHybrid, writeRun } from './pack';
export * from './encode';
export * from './extremes';
export * from './order';
export * from './uses';
export * from './tally-numbers';
export { measureTexts, shortestText, longestText, textCharacters } from './tally-texts';
export { sketchEntries, placeEntries, filledRegisters } from './sketch';
export { findUnmatched } from './match';
export * from './limits';
