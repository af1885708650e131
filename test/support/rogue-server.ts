import { createServer, type Server, type Socket } from 'node:net';

const LOCAL_INFILE = 0xfb;

/**
 * Speaks as much of MySQL's protocol as to log anybody in, and answers the first statement by asking for a file. Collects
 * what it is sent from then on.
 */
export class RogueServer {
  /** Bytes that came after it had asked. */
  readonly received: Buffer[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #path: string;

  /** `path`: what it asks for. */
  constructor(path: string) {
    this.#path = path;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      this.#converse(socket);
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(address !== null && typeof address === 'object' ? address.port : 0);
      });
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #converse(socket: Socket): void {
    let step = 0;
    socket.write(packet(0, greeting()));
    socket.on('data', (data) => {
      step++;
      if (step === 1) socket.write(packet(2, OK));
      else if (step === 2) {
        socket.write(packet(1, Buffer.from([LOCAL_INFILE, ...Buffer.from(this.#path)])));
      } else {
        this.received.push(data);
        socket.write(packet(data[3]! + 1, OK));
      }
    });
  }
}

const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);

function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

/** Spec: MySQL client/server protocol, HandshakeV10, with mysql_native_password. */
function greeting(): Buffer {
  const capabilities = 0x00_8a_a2_85;
  const parts = [
    Buffer.from([10]),
    Buffer.from('8.0.0\0'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('12345678\0'),
    Buffer.from([capabilities & 0xff, (capabilities >> 8) & 0xff, 45, 2, 0]),
    Buffer.from([(capabilities >> 16) & 0xff, (capabilities >> 24) & 0xff, 21]),
    Buffer.alloc(10),
    Buffer.from('123456789012\0'),
    Buffer.from('mysql_native_password\0'),
  ];
  return Buffer.concat(parts);
}
