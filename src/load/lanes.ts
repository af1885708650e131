import type { DatabaseConfig } from '../config/config.ts';
import { ConnectionSlot } from './connection-slot.ts';

/** The connections of one table: a group of loads is sent on one while the group before it is still under way on the other. */
export class Lanes {
  readonly #all: readonly ConnectionSlot[];
  readonly #free: ConnectionSlot[];

  constructor(database: DatabaseConfig) {
    this.#all = [new ConnectionSlot(database), new ConnectionSlot(database)];
    this.#free = [...this.#all].reverse();
  }

  /** Runs an action on a connection that nobody else has meanwhile; the second one is opened only for two at a time. */
  async run<T>(action: (slot: ConnectionSlot) => Promise<T>): Promise<T> {
    const slot = this.#free.pop();
    if (slot === undefined) throw new Error('More than two loads at a time for one table');
    try {
      return await action(slot);
    } finally {
      this.#free.push(slot);
    }
  }

  /** Closes the connections in good order. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((slot) => slot.close()));
  }

  /** Drops the connections at once. */
  abort(): void {
    for (const slot of this.#all) slot.abort();
  }
}
