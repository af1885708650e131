import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Histogram, type Registry } from 'prom-client';

const RESOLUTION_MS = 20;
const PERIOD_MS = 1000;
const SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/**
 * The longest that anything waited for the event loop in each second. Observed second by second, and not when somebody asks: so two who
 * ask do not take it from one another.
 */
export class LoopLag {
  readonly #monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: NodeJS.Timeout;

  constructor(registry: Registry) {
    const histogram = new Histogram({
      name: 'csv_hopper_event_loop_lag_seconds',
      help: 'The longest delay of the event loop in each second.',
      buckets: SECONDS,
      registers: [registry],
    });
    this.#monitor.enable();
    this.#timer = setInterval(() => {
      // Nanoseconds, of which the resolution is no delay.
      const lagMs = this.#monitor.max / 1e6 - RESOLUTION_MS;
      this.#monitor.reset();
      histogram.observe(Math.max(0, lagMs) / 1000);
    }, PERIOD_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#monitor.disable();
  }
}
