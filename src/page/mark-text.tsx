import type { JSX } from 'preact';
import type { Mark } from './words.ts';

export function MarkText({ mark: { text, tone } }: { mark: Mark }): JSX.Element {
  return <span class={`mark ${tone}`}>{text}</span>;
}
