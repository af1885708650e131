/** Words that are more than text to many readers of YAML, though not to csv-hopper's. */
const reserved = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** A text as a YAML scalar on one line, safe on a terminal too: plain where that is clear, else in double quotes. */
export function yamlText(text: string): string {
  if (/^[a-z_][a-z0-9_./-]*$/i.test(text) && !reserved.test(text)) return text;
  return JSON.stringify(text).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const digits = character.codePointAt(0)!.toString(16);
    return digits.length > 4 ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
}

/** The same for config.yaml, where `${` begins a reference to the environment. */
export function configText(text: string): string {
  return yamlText(text.replaceAll('${', '$${'));
}
