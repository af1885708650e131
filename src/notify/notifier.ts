// Tells whoever is on call. In: the events of the conversion log. Out: notices, of which one at the most goes to the receiver in each
// period, with all that has happened. Nothing waits for it: what cannot be sent is kept in the outbox, as large at the most however
// much happens and however long the receiver is away, and is sent at least once, under one id.
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { NotifyConfig } from '../config/config.ts';
import { backoffMs } from '../core/backoff.ts';
import { asHopperError, systemCode } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import type { EventFields, LogEvent } from '../log/log-event.ts';
import {
  addAlert,
  addCounts,
  addFile,
  addTrouble,
  emptyGroup,
  type NoticeGroup,
} from './notice-group.ts';
import { OpenTroubles } from './open-troubles.ts';
import { Outbox } from './outbox.ts';
import { postNotice } from './post-notice.ts';
import type { SealedNotice } from './sign-notice.ts';

/** What happens within this time of the first event is told with it. */
const FIRST_MS = 3000;

/**
 * A notice that its receiver has refused for so long may be refused for what it says, and would keep back all that come after it: its
 * counts go into the next one.
 */
const KEEP_MS = 86_400_000;

/** Events before `begin`, of which there are a few at a start. */
const EARLY_MAX = 1000;

export interface NotifierOptions {
  config: NotifyConfig;
  logsFolder: string;
  /** By which the receiver tells one csv-hopper from another. */
  inputFolder: string;
}

export class Notifier {
  readonly #config: NotifyConfig;
  readonly #inputFolder: string;
  readonly #outbox: Outbox;
  readonly #abort = new AbortController();
  #log: ConversionLog | null = null;
  #early: [LogEvent, EventFields, string][] = [];
  #troubles = new OpenTroubles();
  #group: NoticeGroup | null = null;
  #sealed: SealedNotice | null = null;
  #delivery: Promise<void> = Promise.resolve();
  /** Of the monotonic clock. */
  #lastSealMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #endPause = (): void => undefined;
  #closing = false;
  /** Set while it logs itself. */
  #speaking = false;
  /** What is wrong with the receiver, and with the outbox, has been said. */
  #deliveryFails = false;
  #outboxFails = false;

  constructor({ config, logsFolder, inputFolder }: NotifierOptions) {
    this.#config = config;
    this.#inputFolder = inputFolder;
    this.#outbox = new Outbox(logsFolder, inputFolder);
  }

  /** For the conversion log. Never throws. */
  readonly hear = (event: LogEvent, fields: EventFields): void => {
    if (this.#speaking) return;
    const time = new Date().toISOString();
    if (this.#log !== null) this.#take(event, fields, time);
    else if (this.#early.length < EARLY_MAX) this.#early.push([event, fields, time]);
  };

  /** Goes on with what the last run left. Call it under the lock of the input folder: another run may be using the outbox. */
  begin(log: ConversionLog): void {
    this.#log = log;
    try {
      const left = this.#outbox.read();
      if (left === null) {
        this.#say('parked', 'the outbox of notices is damaged', {
          reason: 'What a former run had to tell cannot be made out, and is not told.',
          hint: 'Look into csv-hopper status, and into the log before this line, for files that failed.',
        });
      }
      this.#sealed = left?.sealed ?? null;
      this.#group = left?.group ?? null;
      this.#troubles = new OpenTroubles(left?.open);
    } catch (error) {
      this.#outboxTrouble(error);
    }
    for (const [event, fields, time] of this.#early) this.#take(event, fields, time);
    this.#early = [];
    if (this.#sealed === null) this.#schedule();
    else this.#delivery = this.#deliver();
  }

  /** Sends what there is, within the limit; the rest stays in the outbox. */
  async close(limitMs: number): Promise<void> {
    if (this.#log === null) return;
    this.#closing = true;
    clearTimeout(this.#timer);
    const limit = setTimeout(() => {
      this.#abort.abort();
    }, limitMs);
    this.#endPause();
    await this.#delivery;
    if (this.#sealed === null && this.#group !== null) {
      this.#seal(this.#group);
      await this.#deliver();
    }
    clearTimeout(limit);
  }

  #take(event: LogEvent, fields: EventFields, time: string): void {
    const { events } = this.#config;
    const before = this.#group;
    let changed = false;
    const group = (): NoticeGroup => {
      changed = true;
      this.#group ??= emptyGroup(time);
      this.#group.to = time;
      return this.#group;
    };
    if ((event === 'failed' || event === 'diverted') && fields.err instanceof HopperError) {
      const { code } = fields.err;
      const kind = code === 'set_aside' ? 'set_aside' : event;
      if (events.includes(kind)) addFile(group(), kind, code, fields);
    }
    if ((event === 'unexpected' || event === 'alarm') && events.includes(event)) {
      addAlert(group(), event, fields);
    }
    for (const { event: kind, trouble } of this.#troubles.hear(event, fields, time)) {
      changed = true;
      if (events.includes(kind)) addTrouble(group(), kind, trouble);
    }
    if (changed) this.#save();
    if (before === null && this.#group !== null) this.#schedule();
  }

  #schedule(): void {
    if (this.#group === null || this.#sealed !== null || this.#closing) return;
    const { groupMs } = this.#config;
    const nowMs = performance.now();
    const dueMs = Math.max(nowMs + Math.min(FIRST_MS, groupMs), this.#lastSealMs + groupMs);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#group === null) return;
      this.#seal(this.#group);
      this.#delivery = this.#deliver();
    }, dueMs - nowMs);
  }

  #seal(group: NoticeGroup): void {
    this.#sealed = sealedNotice('csv_hopper.notice', { ...this.#sender(), ...group });
    this.#group = null;
    this.#lastSealMs = performance.now();
    this.#save();
  }

  #sender(): { host: string; input: string } {
    return { host: hostname(), input: this.#inputFolder };
  }

  /** Until it is delivered; once only where it is closing. */
  async #deliver(): Promise<void> {
    for (let failures = 0; this.#sealed !== null; failures++) {
      if (await this.#attempt(this.#sealed)) {
        this.#sealed = null;
        this.#save();
      } else if (this.#closing) return;
      else {
        // The disk may have room again.
        if (this.#outboxFails) this.#save();
        await this.#pause(backoffMs(failures));
      }
    }
    this.#schedule();
  }

  /** Whether nothing more is to be done for it. */
  async #attempt(notice: SealedNotice): Promise<boolean> {
    try {
      await postNotice(this.#config, notice, this.#abort.signal);
    } catch (error) {
      const { message: reason, hint } = asHopperError(error);
      if (Date.now() - Date.parse(notice.sealedAt) > KEEP_MS) {
        this.#say('parked', 'a notice was given up', { reason, hint });
        this.#takeBack(notice);
        return true;
      }
      if (!this.#deliveryFails) this.#say('parked', 'a notice waits', { reason, hint });
      this.#deliveryFails = true;
      return false;
    }
    if (this.#deliveryFails) this.#say('resumed', 'notices are sent again');
    this.#deliveryFails = false;
    return true;
  }

  #takeBack({ body, sealedAt }: SealedNotice): void {
    const { data } = JSON.parse(body) as { data: NoticeGroup };
    this.#group ??= emptyGroup(sealedAt);
    addCounts(this.#group, data);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #save(): void {
    try {
      const state = { sealed: this.#sealed, group: this.#group, open: this.#troubles.list };
      this.#outbox.write(state);
      this.#outboxFails = false;
    } catch (error) {
      this.#outboxTrouble(error);
    }
  }

  /** Sending goes on from memory. */
  #outboxTrouble(error: unknown): void {
    if (this.#outboxFails) return;
    this.#outboxFails = true;
    this.#say('parked', 'the outbox of notices cannot be used', {
      reason: `Notices that are not sent yet would not outlive csv-hopper: ${systemCode(error) ?? 'unknown error'}.`,
    });
  }

  #say(event: 'parked' | 'resumed', message: string, fields: EventFields = {}): void {
    this.#speaking = true;
    if (event === 'parked') this.#log?.warn(event, message, fields);
    else this.#log?.info(event, message, fields);
    this.#speaking = false;
  }
}

/** A notice that says only that notices arrive. Throws notice_undelivered. */
export async function sendTest({ config, inputFolder }: NotifierOptions): Promise<void> {
  const sender = { host: hostname(), input: inputFolder };
  const time = new Date().toISOString();
  const notice = sealedNotice('csv_hopper.test', { ...sender, ...emptyGroup(time) });
  await postNotice(config, notice, new AbortController().signal);
}

/** Spec: Standard Webhooks, "Payload structure": type, timestamp and data. */
function sealedNotice(type: string, data: object): SealedNotice {
  const sealedAt = new Date().toISOString();
  const body = JSON.stringify({ type, timestamp: sealedAt, data });
  return { id: `msg_${randomBytes(16).toString('hex')}`, sealedAt, body };
}
