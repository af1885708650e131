// Shows that the holder of a lock is alive to those who cannot see its process: csv-hoppers in other containers, where numbers of
// processes are others. It is a socket in the locked folder that the holder listens on, and that the kernel stops listening on however
// the holder ends. Only on one machine: a socket on a network mount is reached by nobody.
import { open, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { systemCode } from '../core/environment-error.ts';

export interface LockBeacon {
  /** Puts it out, and removes the socket. */
  close(): Promise<void>;
}

/** Listens for those who ask whether the lock of that id has a holder; null where the file system or the system has no such sockets. */
export async function lightBeacon(folder: string, id: string): Promise<LockBeacon | null> {
  // Nobody has anything to say there: whoever gets through knows already.
  const server = createServer((socket) => socket.destroy());
  try {
    await throughFolder(folder, (reached) => listen(server, join(reached, beaconOf(id))));
  } catch {
    // Without it the lock is as good as ever for those who see the process.
    return null;
  }
  return {
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
      await rm(join(folder, beaconOf(id)), { force: true });
    },
  };
}

/** Whether the holder of the lock of that id lives, as far as its socket tells; one that may not be reached counts as alive. */
export async function beaconAnswers(folder: string, id: string): Promise<boolean> {
  try {
    await throughFolder(folder, (reached) => connect(join(reached, beaconOf(id))));
    return true;
  } catch (error) {
    const code = systemCode(error);
    return code === 'EACCES' || code === 'EPERM' || code === 'EAGAIN';
  }
}

function beaconOf(id: string): string {
  return `lock.${id}.sock`;
}

/** The path of a socket has at most 107 bytes, and that of a folder may have more: an open folder has a short one. */
async function throughFolder<T>(folder: string, use: (reached: string) => Promise<T>): Promise<T> {
  const handle = await open(folder, 'r');
  try {
    return await use(`/proc/self/fd/${handle.fd}`);
  } finally {
    await handle.close();
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // A user who may not reach it could not tell the dead from the living.
    server.listen({ path, writableAll: true }, () => {
      // It keeps no process from its end.
      server.unref();
      // Without a file to open nobody is let in, as when open files run out; who knocks got through to the kernel, which is all they ask.
      server.on('error', () => undefined);
      resolve();
    });
  });
}

function connect(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
