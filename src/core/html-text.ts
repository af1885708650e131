import { visibleText } from './visible-text.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Any text as text of an HTML page, also inside an attribute's quotes. What cannot be seen (control characters, direction marks,
 * spaces that are not the usual one) is shown as \x1b or \u{a0}.
 */
export function htmlText(text: string): string {
  return visibleText(text)
    .replaceAll(/(?! )\p{Zs}/gu, (space) => `\\u{${space.codePointAt(0)!.toString(16)}}`)
    .replaceAll(/[&<>"']/g, (sign) => entities[sign]!);
}
