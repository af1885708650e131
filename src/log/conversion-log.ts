// The conversion log: events come in; each goes out as a JSON line (conversion_log.jsonl), as a readable line
// (conversion_log.txt) and to whoever listens. Every line is written before the call returns. Logging never throws: an
// event that cannot be written is counted, shown to the listener and reported in the log once writing works again.
import { counted } from '../core/counted.ts';
import { mkdirSync } from 'node:fs';
import { pino } from 'pino';
import { systemCode } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { EventFields, LogEvent, LogLevel } from './log-event.ts';
import { LogSink } from './log-sink.ts';
import { readableLine } from './readable-line.ts';
import type { LogExtension } from './rotated-files.ts';
import { RotatingFile } from './rotating-file.ts';
import { serialiseError } from './serialise-error.ts';

export interface ConversionLog {
  info(event: LogEvent, msg: string, fields?: EventFields): void;
  warn(event: LogEvent, msg: string, fields?: EventFields): void;
  error(event: LogEvent, msg: string, fields?: EventFields): void;
  /** The same log with fields that every event of a load or dataset has. */
  with(fields: EventFields): ConversionLog;
  /** Lets go of the files, for SIGHUP after logrotate moved them. */
  reopen(): void;
  close(): void;
}

export interface ConversionLogOptions {
  /** Made where it is missing. */
  folder: string;
  rotateBytes: number;
  rotateDays: number;
  /** How many rotated files of each of the two logs are kept. */
  keepFiles: number;
  now: () => Date;
  /** Gets every event as a readable line without a line feed, also those that could not be written. */
  onLine?: (line: string, level: LogLevel, event: LogEvent) => void;
  /** Is told of every event but those on the log itself, before it is written. Must not throw. */
  onEvent?: (event: LogEvent, fields: EventFields) => void;
}

/**
 * Opens the conversion log in a folder.
 * @throws HopperError folder_unusable
 */
export function openConversionLog(options: ConversionLogOptions): ConversionLog {
  const writer = new LogWriter(options);
  const logger = pino(
    {
      base: null,
      timestamp: () => `,"time":"${options.now().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      serializers: { err: serialiseError },
    },
    writer,
  );

  function bound(context: EventFields): ConversionLog {
    const at = (level: LogLevel) => (event: LogEvent, msg: string, fields?: EventFields) => {
      const all = { ...context, ...fields };
      options.onEvent?.(event, all);
      logger[level]({ event, ...all }, msg);
    };
    return {
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      with: (fields) => bound({ ...context, ...fields }),
      reopen: () => {
        writer.release();
      },
      close: () => {
        writer.release();
      },
    };
  }

  return bound({});
}

/** Where pino writes its lines to. */
class LogWriter {
  readonly #options: ConversionLogOptions;
  readonly #json: LogSink;
  readonly #text: LogSink;

  constructor(options: ConversionLogOptions) {
    this.#options = options;
    try {
      mkdirSync(options.folder, { recursive: true });
      this.#json = this.#openSink('jsonl', (event) => JSON.stringify(event));
      this.#text = this.#openSink('txt', readableLine);
    } catch (error) {
      throw new HopperError('folder_unusable', {
        message: `The conversion log cannot be written in ${options.folder}.`,
        details: { folder: options.folder },
        cause: error,
      });
    }
  }

  write(line: string): void {
    const event = JSON.parse(line) as Record<string, unknown>;
    const readable = readableLine(event);
    this.#options.onLine?.(readable, event['level'] as LogLevel, event['event'] as LogEvent);
    this.#json.write(line);
    this.#text.write(`${readable}\n`);
  }

  /** Also the end: an event that comes later opens the files again rather than being lost. */
  release(): void {
    this.#json.release();
    this.#text.release();
  }

  #openSink(extension: LogExtension, format: (event: Record<string, unknown>) => string): LogSink {
    const file = new RotatingFile({
      ...this.#options,
      extension,
      onRotationError: (error) => {
        this.#tell(this.#notice('parked', 'log rotation failed', codeOf(error)));
      },
    });
    file.open();
    const gap = (lost: number) => {
      const events = counted(lost, 'event');
      const reason = `${events} could not be written to conversion_log.${extension}`;
      return this.#notice('resumed', 'log writing resumed', reason);
    };
    return new LogSink(file, {
      broke: (error) => {
        const reason = `conversion_log.${extension} cannot be written (${codeOf(error)}); events are shown here and counted`;
        this.#tell(this.#notice('parked', 'log writing failed', reason));
      },
      gapLine: (lost) => `${format(gap(lost))}\n`,
      mended: (lost) => {
        this.#tell(gap(lost));
      },
    });
  }

  /** An event about the log itself. It does not pass through pino, which would come back here. */
  #notice(event: LogEvent, msg: string, reason: string): Record<string, unknown> {
    return { level: 'warn', time: this.#options.now().toISOString(), event, msg, reason };
  }

  #tell(notice: Record<string, unknown>): void {
    this.#options.onLine?.(readableLine(notice), 'warn', notice['event'] as LogEvent);
  }
}

function codeOf(error: unknown): string {
  return systemCode(error) ?? 'unknown error';
}
