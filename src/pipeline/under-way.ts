import type { LoadIdentity } from '../core/load.ts';

/** The loads that are under way, so that the same file dropped twice in a row is one load and one repetition. */
export class UnderWay {
  readonly #ends = new Map<string, Promise<void>>();
  readonly #contents = new Map<string, LoadIdentity>();

  /** Marks the claim folder as worked on until the function returned is called. */
  enter(folder: string): () => void {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#ends.set(folder, ended);
    return () => {
      if (this.#ends.get(folder) === ended) this.#ends.delete(folder);
      end();
    };
  }

  /** Resolves when nothing works on the claim folder; undefined where nothing does. */
  endOf(folder: string): Promise<void> | undefined {
    return this.#ends.get(folder);
  }

  /** Keeps a drop of a load from going on while it is being taken back, until the function returned is called. */
  holdBack(loadId: string): () => void {
    return this.enter(undoKey(loadId));
  }

  /** Resolves when nobody is taking the load back; undefined where nobody is. */
  undoOf(loadId: string): Promise<void> | undefined {
    return this.endOf(undoKey(loadId));
  }

  /** The load under way, under another name, that has the same content; else remembers this one as the first. */
  firstWithContent(identity: LoadIdentity): LoadIdentity | undefined {
    const first = this.#contents.get(contentKey(identity));
    if (first === undefined) this.#contents.set(contentKey(identity), identity);
    return first?.loadId === identity.loadId ? undefined : first;
  }

  forgetContent(identity: LoadIdentity): void {
    const key = contentKey(identity);
    if (this.#contents.get(key)?.loadId === identity.loadId) this.#contents.delete(key);
  }
}

/** No folder has a NUL in its name. */
function undoKey(loadId: string): string {
  return `undo\0${loadId}`;
}

function contentKey({ dataset, sha256 }: LoadIdentity): string {
  return `${dataset}/${sha256}`;
}
