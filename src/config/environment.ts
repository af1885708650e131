/** The environment variables of the process. No other file reads them: they are passed in from here. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
