// The transient files of a piece, by the path that is given for those of the whole source.

/** The load file of a piece, or the file of its rejected rows. */
export function pieceFilePath(path: string, piece: number): string {
  return `${path}.${piece}`;
}

/** The file of a piece's rows that are rejected for a unique key. */
export function pieceKeysPath(path: string, piece: number): string {
  return `${pieceFilePath(path, piece)}-keys`;
}
