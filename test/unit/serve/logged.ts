import type { ConversionLog } from '../../../src/log/conversion-log.ts';
import type { EventFields, LogEvent, LogLevel } from '../../../src/log/log-event.ts';

export interface Logged extends EventFields {
  level: LogLevel;
  event: LogEvent;
}

/** A conversion log that keeps what it is told. */
export function keepLog(): { log: ConversionLog; logged: Logged[] } {
  const logged: Logged[] = [];
  const bound = (context: EventFields): ConversionLog => {
    const at = (level: LogLevel) => (event: LogEvent, _: string, fields?: EventFields) => {
      logged.push({ level, event, ...context, ...fields });
    };
    return {
      ...{ info: at('info'), warn: at('warn'), error: at('error') },
      with: (fields) => bound({ ...context, ...fields }),
      reopen: () => undefined,
      close: () => undefined,
    };
  };
  return { log: bound({}), logged };
}
