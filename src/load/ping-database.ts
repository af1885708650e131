import type { Socket } from 'node:net';
import type { DatabaseConfig } from '../config/config.ts';
import { asHopperError } from '../core/environment-error.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { DatabaseConnection } from './connection.ts';
import { databaseError } from './server-error.ts';
import { StatementError } from './statement-error.ts';

/** Whether the database answers, asked on a connection of its own; the code of what keeps it from doing so, else null. */
export async function pingDatabase(
  database: DatabaseConfig,
  limitMs: number,
): Promise<ErrorCode | null> {
  const sockets: Socket[] = [];
  const limit = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, limitMs);
  const limited = { ...database, connectTimeoutMs: limitMs, queryTimeoutMs: limitMs };
  try {
    const connection = await DatabaseConnection.open(limited, (socket) => sockets.push(socket));
    await connection.close();
    return null;
  } catch (error) {
    if (error instanceof StatementError) return databaseError(error, 'Asking').code;
    return asHopperError(error).code;
  } finally {
    clearTimeout(limit);
  }
}
