import { connect, createServer, type Socket } from 'node:net';

type Direction = 'to server' | 'to client';

/** What becomes of bytes on their way: nothing, all are swallowed, or one a second arrives. */
type Passage = 'open' | 'black hole' | 'trickle';

const TRICKLE_MS = 1000;

/** A proxy on the loopback address that can spoil connections at a chosen moment. */
export interface TcpProxy {
  readonly port: number;
  /**
   * Cuts the client off right after bytes with this text came from it; once. They still reach the server, unless they are
   * to be lost.
   */
  cutAfterSending: (text: string, lost?: boolean) => Promise<void>;
  /** Cuts a connection when so many bytes, counted over all connections from now on, went that way; once. */
  cutAfterBytes: (direction: Direction, bytes: number) => Promise<void>;
  /** What becomes of all bytes from now on. What was swallowed stays lost, so its connections are reset at the end. */
  pass: (passage: Passage) => void;
  /** Ends all connections with a TCP reset. */
  reset: () => void;
  close: () => Promise<void>;
}

interface TextCut {
  text: string;
  lost: boolean;
  done: () => void;
}

interface ByteCut {
  direction: Direction;
  left: number;
  done: () => void;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let textCut: TextCut | null = null;
  let byteCut: ByteCut | null = null;
  let passage: Passage = 'open';

  /** What may still pass before the cut. Null where there is none to come in these bytes. */
  function spentBy(bytes: Buffer, direction: Direction): { cut: ByteCut; allowed: Buffer } | null {
    if (byteCut?.direction !== direction) return null;
    if (bytes.length < byteCut.left) {
      byteCut.left -= bytes.length;
      return null;
    }
    return { cut: byteCut, allowed: bytes.subarray(0, byteCut.left) };
  }

  function relay(bytes: Buffer, from: Socket, to: Socket, direction: Direction): void {
    const spent = spentBy(bytes, direction);
    if (spent !== null) {
      byteCut = null;
      from.destroy();
      to.end(spent.allowed);
      to.once('close', spent.cut.done);
      to.resume();
      return;
    }
    if (passage === 'open') to.write(bytes);
    if (passage === 'trickle') trickle(bytes, from, to);
  }

  function trickle(bytes: Buffer, from: Socket, to: Socket): void {
    from.pause();
    let sent = 0;
    const timer = setInterval(() => {
      const end = passage === 'trickle' ? sent + 1 : bytes.length;
      if (to.writable) to.write(bytes.subarray(sent, end));
      sent = end;
      if (sent < bytes.length && !to.destroyed) return;
      clearInterval(timer);
      from.resume();
    }, TRICKLE_MS);
  }

  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      // A cut connection fails on the other side too, which is the purpose.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (bytes) => {
      const armed = textCut !== null && bytes.includes(textCut.text) ? textCut : null;
      if (armed === null) {
        relay(bytes, client, target, 'to server');
        return;
      }
      textCut = null;
      // The client is gone before the server can answer.
      client.destroy();
      if (!armed.lost) target.write(bytes);
      target.end();
      target.once('close', armed.done);
      target.resume();
    });
    target.on('data', (bytes) => {
      if (!client.destroyed) relay(bytes, target, client, 'to client');
    });
    client.on('end', () => target.end());
    target.on('end', () => client.end());
    client.on('close', () => target.end());
    target.on('close', () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address !== 'object') throw new Error('The proxy has no port.');

  function reset(): void {
    for (const socket of sockets) socket.resetAndDestroy();
  }

  return {
    port: address.port,
    cutAfterSending: (text, lost = false) =>
      new Promise((resolve) => {
        textCut = { text, lost, done: resolve };
      }),
    cutAfterBytes: (direction, bytes) =>
      new Promise((resolve) => {
        byteCut = { direction, left: bytes, done: resolve };
      }),
    pass: (next) => {
      if (passage === 'black hole') reset();
      passage = next;
    },
    reset,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}
