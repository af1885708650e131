// The page, health and metrics over HTTP. In: the events of the conversion log, and a view of the daemon. It never holds up a file: what it tells
// is counted as events are logged, or looked up when somebody asks.
import { Registry } from 'prom-client';
import type { Config, ServeConfig } from '../config/config.ts';
import type { DaemonView } from '../daemon/run-daemon.ts';
import type { ConversionLog } from '../log/conversion-log.ts';
import type { EventFields, LogEvent } from '../log/log-event.ts';
import { DataService } from '../query/data-service.ts';
import { ActiveFiles } from './active-files.ts';
import { dataRoutes, dataSettings } from './data-routes.ts';
import { EventMetrics } from './event-metrics.ts';
import { Health } from './health.ts';
import { HttpPort } from './http-port.ts';
import { LoopLag } from './loop-lag.ts';
import { Page } from './page.ts';
import { ParkedFiles } from './parked-files.ts';
import { RequestService } from './request-service.ts';
import { jsonAnswer, type Route } from './route.ts';
import { StateMetrics } from './state-metrics.ts';
import { Surroundings } from './surroundings.ts';

export class Serving {
  readonly #config: Config;
  readonly #serve: ServeConfig;
  readonly #registry = new Registry();
  readonly #events: EventMetrics;
  readonly #parked = new ParkedFiles();
  readonly #data: DataService | null;
  readonly #active = new ActiveFiles();
  #page: Page | null = null;
  #port: HttpPort | null = null;
  #lag: LoopLag | null = null;

  constructor(config: Config, serve: ServeConfig) {
    this.#config = config;
    this.#serve = serve;
    this.#events = new EventMetrics(
      this.#registry,
      config.datasets.map(({ name }) => name),
    );
    this.#data = config.data.role === null ? null : new DataService(dataSettings(config));
  }

  /** For the conversion log. Never throws. */
  readonly hear = (event: LogEvent, fields: EventFields): void => {
    this.#events.hear(event, fields);
    this.#parked.hear(event, fields);
    this.#active.hear(event, fields);
  };

  /** Opens the port, as soon as it can be opened. */
  begin(log: ConversionLog, view: DaemonView, stopping: AbortSignal): void {
    this.#lag = new LoopLag(this.#registry);
    const routes = this.#routes(view, stopping);
    const service = new RequestService(this.#serve, routes, log);
    this.#port = new HttpPort(
      this.#serve.listen,
      (request, response) => void service.respond(request, response),
      log,
    );
    this.#port.open();
  }

  async close(): Promise<void> {
    this.#lag?.close();
    await Promise.all([this.#page?.close(), this.#port?.close(), this.#data?.close()]);
  }

  #routes(view: DaemonView, stopping: AbortSignal): Route[] {
    const config = this.#config;
    const parked = this.#parked;
    const surroundings = new Surroundings(config);
    const health = new Health({ config, view, parked, surroundings, stopping });
    const registry = this.#registry;
    const events = this.#events;
    const state = new StateMetrics({
      ...{ registry, config, view, parked, events, health, surroundings },
    });
    const active = this.#active;
    this.#page = new Page({ config, serve: this.#serve, view, health, active, surroundings });
    return [
      ...this.#page.routes,
      ...(this.#data === null ? [] : dataRoutes(config.data, this.#data)),
      {
        ...{ method: 'GET', path: '/healthz', role: null },
        serve: () =>
          jsonAnswer(200, { status: 'alive', lastSweepAgeSeconds: health.sweepAgeSeconds }),
      },
      {
        ...{ method: 'GET', path: '/readyz', role: null },
        serve: async ({ may }) => {
          const { status, reasons } = await health.readiness();
          // Messages may have names of files and folders.
          const shown = may('viewer') ? { status, reasons } : { status };
          return jsonAnswer(status === 'not_ready' ? 503 : 200, shown);
        },
      },
      {
        ...{ method: 'GET', path: '/metrics', role: 'viewer' },
        serve: async () => {
          await state.update();
          return { status: 200, type: registry.contentType, body: await registry.metrics() };
        },
      },
    ];
  }
}
