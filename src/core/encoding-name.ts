/**
 * The encodings in which a dataset's files may be written, by their names at IANA. ISO-8859-1 is what it says there: 0x80 to
 * 0x9f are control characters. Browsers read it, and the label latin1, as windows-1252 (WHATWG Encoding, 4.2), so latin1 is
 * no name here.
 */
export const encodingNames = ['utf-8', 'windows-1252', 'iso-8859-1'] as const;

export type EncodingName = (typeof encodingNames)[number];
