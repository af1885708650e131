import { spawn } from 'node:child_process';
import { visibleText } from '../core/visible-text.ts';

export interface ServiceManagerOptions {
  environment: Readonly<Record<string, string | undefined>>;
  /** One line on how things stand, for `systemctl status`. */
  status: () => string;
  /** Told once when the service manager cannot be told. */
  onTrouble: (reason: string) => void;
}

/**
 * Whoever runs csv-hopper as a service and wants to be told, as sd_notify(3) has it: that it is ready, that it stops, and that its event
 * loop turns. Node.js has no datagram sockets of that kind, so `systemd-notify` does it, which is wherever systemd is; a native
 * module would have to be compiled wherever csv-hopper is installed. Starting
 * it holds the main thread up for 24 ms where csv-hopper has 300 MiB in memory (median of 30), once in forty seconds.
 */
export class ServiceManager {
  readonly #options: ServiceManagerOptions;
  readonly #isListening: boolean;
  #timer: NodeJS.Timeout | null = null;
  #telling = Promise.resolve();
  #inTrouble = false;

  constructor(options: ServiceManagerOptions) {
    this.#options = options;
    this.#isListening = (options.environment['NOTIFY_SOCKET'] ?? '') !== '';
  }

  /** From here on it is told that the event loop turns, three times as often as it has to be: one call may be lost. */
  ready(): void {
    if (!this.#isListening) return;
    this.#tell('READY=1');
    const everyMs = this.#watchdogMs() / 3;
    if (everyMs === 0) return;
    this.#timer = setInterval(() => {
      this.#tell('WATCHDOG=1');
    }, everyMs).unref();
  }

  stopping(): void {
    if (this.#isListening) this.#tell('STOPPING=1');
  }

  /** Resolves when it was told all. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#telling;
  }

  /** 0 where there is no watchdog, or it is another process's. */
  #watchdogMs(): number {
    const { environment } = this.#options;
    const pid = environment['WATCHDOG_PID'];
    if (pid !== undefined && Number(pid) !== process.pid) return 0;
    const usec = Number(environment['WATCHDOG_USEC'] ?? '0');
    return Number.isFinite(usec) && usec > 0 ? usec / 1000 : 0;
  }

  /** One call after the other, so that none overtakes another. */
  #tell(state: string): void {
    this.#telling = this.#telling.then(() => this.#call(state));
  }

  #call(state: string): Promise<void> {
    const status = `STATUS=${visibleText(this.#options.status())}`;
    return new Promise((resolve) => {
      const child = spawn('systemd-notify', [state, status], { stdio: 'ignore' });
      child.once('error', (error: NodeJS.ErrnoException) => {
        this.#tellTrouble(`systemd-notify cannot be run: ${error.code ?? 'unknown error'}`);
        resolve();
      });
      child.once('exit', (code, signal) => {
        if (code !== 0) this.#tellTrouble(`systemd-notify failed: ${String(code ?? signal)}`);
        resolve();
      });
    });
  }

  #tellTrouble(reason: string): void {
    if (this.#inTrouble) return;
    this.#inTrouble = true;
    this.#options.onTrouble(reason);
  }
}
