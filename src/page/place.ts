/** Where the reader is: what stands behind # in the address, `/file/d00e65ea?from=log` being `file`, its words and its query. */
export interface Place {
  /** The first word; empty for the overview. */
  view: string;
  /** The words behind it. */
  words: readonly string[];
  query: URLSearchParams;
}

export function readPlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s, 2);
  const [view = '', ...words] = path.split('/').map(decoded);
  return { view, words, query: new URLSearchParams(query) };
}

/** The address of a place, for the href of a link. */
export function placeUrl(
  words: readonly string[],
  query: Readonly<Record<string, string>> = {},
): string {
  const params = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  const path = words.map(encodeURIComponent).join('/');
  return params.size === 0 ? `#/${path}` : `#/${path}?${params.toString()}`;
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
