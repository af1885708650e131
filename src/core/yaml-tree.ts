// Turns YAML text into a tree of values that know their lines. Scalars stay text, as written: it is the reader of a key who
// knows that `0123` is a password and `3306` a port. Aliases and tags are refused: no file of ours needs them, and nested
// aliases make a small file grow without bound, which js-yaml 5 lets pass.
import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import type { Event, MappingEvent, ScalarEvent, SequenceEvent } from 'js-yaml';

/** A scalar is its text; null is an empty, `~` or `null` plain scalar. Mappings have no prototype. */
export type YamlValue = string | null | YamlValue[] | { [key: string]: YamlValue };

export interface YamlNode {
  line: number;
  value: YamlValue;
  /** Of a mapping by key, of a list by index. */
  children: Map<string, YamlNode>;
}

const nullTexts = new Set(['', '~', 'null', 'Null', 'NULL']);

/** A mistake in the text, with its line (from 1). */
export class YamlMistake extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * Reads one YAML document; an empty text is null.
 * @throws YamlMistake
 */
export function parseYaml(source: string): YamlNode {
  try {
    return new Composer(source, parseEvents(source, {})).readDocument();
  } catch (error) {
    // Not kept as the cause: a YAMLException carries the whole text, which may hold a password.
    if (error instanceof YAMLException) {
      throw new YamlMistake((error.mark?.line ?? 0) + 1, `not valid YAML: ${error.reason}`);
    }
    throw error;
  }
}

/** Builds the tree of values from the parser's events, whose offsets give the lines. */
class Composer {
  readonly #source: string;
  readonly #events: Event[];
  readonly #lineAt: (offset: number) => number;
  #next = 0;

  constructor(source: string, events: Event[]) {
    this.#source = source;
    this.#events = events;
    this.#lineAt = lineCounter(source);
  }

  readDocument(): YamlNode {
    if (this.#events.length === 0) return { line: 1, value: null, children: new Map() };
    this.#next = 1;
    const root = this.#readNode(1);
    if (this.#next + 1 < this.#events.length) {
      this.#refuse(this.#source.length, 'the file holds more than one YAML document (---)');
    }
    return { ...root, line: 1 };
  }

  /** `line` is that of the key or list the node stands in: an empty scalar has no place of its own. */
  #readNode(line: number): YamlNode {
    const event = this.#events[this.#next++];
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.#readScalar(event, line);
      case EVENT_ID.SEQUENCE:
        return this.#readSequence(event);
      case EVENT_ID.MAPPING:
        return this.#readMapping(event);
      case EVENT_ID.ALIAS:
        return this.#refuse(
          event.anchorStart,
          'aliases (*name) are not supported; repeat the value',
        );
      case EVENT_ID.DOCUMENT:
      case EVENT_ID.POP:
      case undefined:
        throw new Error('js-yaml gave an unbalanced list of events');
    }
  }

  #readScalar(event: ScalarEvent, line: number): YamlNode {
    const text = this.#textOf(event);
    const isNull = event.style === SCALAR_STYLE.PLAIN && nullTexts.has(text);
    return {
      line: event.valueStart === -1 ? line : this.#lineAt(event.valueStart),
      value: isNull ? null : text,
      children: new Map(),
    };
  }

  #readSequence(event: SequenceEvent): YamlNode {
    this.#refuseTag(event);
    const line = this.#lineAt(event.start);
    const children = new Map<string, YamlNode>();
    while (!this.#atEnd()) children.set(String(children.size), this.#readNode(line));
    return { line, value: [...children.values()].map((child) => child.value), children };
  }

  #readMapping(event: MappingEvent): YamlNode {
    this.#refuseTag(event);
    const line = this.#lineAt(event.start);
    const children = new Map<string, YamlNode>();
    const value = Object.create(null) as Record<string, YamlValue>;
    while (!this.#atEnd()) {
      const { key, offset } = this.#readKey();
      if (children.has(key)) this.#refuse(offset, `the key ${quoted(key)} is there twice`);
      const keyLine = offset === -1 ? line : this.#lineAt(offset);
      const child = this.#readNode(keyLine);
      children.set(key, { ...child, line: keyLine });
      value[key] = child.value;
    }
    return { line, value, children };
  }

  #readKey(): { key: string; offset: number } {
    const event = this.#events[this.#next++];
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return { key: this.#textOf(event), offset: event.valueStart };
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING:
        return this.#refuse(event.start, 'a key must be plain text');
      case EVENT_ID.ALIAS:
        return this.#refuse(event.anchorStart, 'a key must be plain text');
      case EVENT_ID.DOCUMENT:
      case EVENT_ID.POP:
      case undefined:
        throw new Error('js-yaml gave an unbalanced list of events');
    }
  }

  #textOf(event: ScalarEvent): string {
    this.#refuseTag(event);
    return event.valueStart === -1 ? '' : getScalarValue(this.#source, event);
  }

  /** Whether the collection ends here; steps over its end. */
  #atEnd(): boolean {
    if (this.#events[this.#next]?.type !== EVENT_ID.POP) return false;
    this.#next++;
    return true;
  }

  #refuseTag({ tagStart }: { tagStart: number }): void {
    if (tagStart === -1) return;
    this.#refuse(tagStart, 'tags (!name) are not supported; quote the value instead');
  }

  #refuse(offset: number, message: string): never {
    throw new YamlMistake(this.#lineAt(offset), message);
  }
}

/** Control characters of a key must not reach a terminal. */
function quoted(key: string): string {
  return JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}…` : key);
}

/** Line (from 1) of an offset. */
function lineCounter(source: string): (offset: number) => number {
  const starts = [0];
  for (const { 0: end, index } of source.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
