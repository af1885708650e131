import { connect, createServer, type Socket } from 'node:net';

/** A proxy on the loopback address that can cut connections at a chosen moment. */
export interface TcpProxy {
  readonly port: number;
  /** Cuts the client off right after bytes with this text went to the server; once. */
  cutAfterSending: (text: string) => Promise<void>;
  close: () => Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let cut: { text: string; done: () => void } | null = null;

  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      // A cut connection fails on the other side too, which is the purpose.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (bytes) => {
      const armed = cut !== null && bytes.includes(cut.text) ? cut : null;
      if (armed === null) {
        target.write(bytes);
        return;
      }
      cut = null;
      // The client is gone before the server can answer; the statement itself still reaches the server.
      client.destroy();
      target.end(bytes);
      target.once('close', armed.done);
      target.resume();
    });
    target.on('data', (bytes) => {
      if (!client.destroyed) client.write(bytes);
    });
    client.on('end', () => target.end());
    target.on('end', () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address !== 'object') throw new Error('The proxy has no port.');

  return {
    port: address.port,
    cutAfterSending: (text) =>
      new Promise((resolve) => {
        cut = { text, done: resolve };
      }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}
