import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServiceManager } from '../../../src/systemd/service-manager.ts';
import { isHere } from '../../support/program-here.ts';
import { until } from '../../support/until.ts';

/** As systemd does: takes datagrams, and closes the descriptor that comes with a barrier. */
const listener = `
  use Socket; use IO::Socket::UNIX; $| = 1;
  my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
  print "listening\\n";
  while (defined(recv($socket, my $message, 4096, 0))) { $message =~ s/\\n/|/g; print "$message\\n"; }
`;

const possible = isHere('systemd-notify', '--version') && isHere('perl', '-v');

describe.skipIf(!possible)('with systemd-notify and a listener', () => {
  let folder: string;
  let socket: string;
  let child: ChildProcess;
  let heard = '';
  beforeEach(async () => {
    heard = '';
    folder = mkdtempSync(join(tmpdir(), 'csv-hopper-notify-'));
    socket = join(folder, 'notify');
    child = spawn('perl', ['-e', listener, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout?.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    await hears(1);
  });
  afterEach(async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
    rmSync(folder, { recursive: true });
  });

  const lines = (): string[] => heard.split('\n').slice(0, -1);
  const hears = (count: number) =>
    until(
      () => lines().length >= count,
      () => heard,
    );

  test('it is told of the start, of each turn of the watchdog and of the stop, in this order', async () => {
    let count = 0;
    const troubles: string[] = [];
    const manager = new ServiceManager({
      environment: {
        NOTIFY_SOCKET: socket,
        WATCHDOG_USEC: '150000',
        WATCHDOG_PID: String(process.pid),
      },
      status: () => `${++count} waiting\nREADY=0`,
      onTrouble: (reason) => troubles.push(reason),
    });
    await withSocket(socket, async () => {
      manager.ready();
      await until(
        () => lines().filter((line) => line.startsWith('WATCHDOG=1')).length >= 2,
        () => heard,
      );
      manager.stopping();
      await manager.close();
      await until(
        () => heard.includes('STOPPING=1'),
        () => heard,
      );
    });
    const states = lines()
      .slice(1)
      .filter((line) => !line.startsWith('BARRIER'));
    expect(states[0]).toBe('READY=1|STATUS=1 waiting\\nREADY=0');
    expect(states.at(-1)).toMatch(/^STOPPING=1\|STATUS=\d+ waiting/);
    for (const state of states.slice(1, -1)) expect(state).toMatch(/^WATCHDOG=1\|STATUS=/);
    expect(troubles).toEqual([]);
  });

  test("another process's watchdog is left to it", async () => {
    const manager = new ServiceManager({
      environment: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' },
      status: () => 'fine',
      onTrouble: () => undefined,
    });
    await withSocket(socket, async () => {
      manager.ready();
      manager.stopping();
      await manager.close();
      await until(
        () => heard.includes('STOPPING=1'),
        () => heard,
      );
    });
    expect(heard).not.toContain('WATCHDOG');
  });
});

/** systemd-notify looks into the environment of this process, as it does into that of a service. */
async function withSocket(path: string, work: () => Promise<void>): Promise<void> {
  process.env['NOTIFY_SOCKET'] = path;
  try {
    await work();
  } finally {
    delete process.env['NOTIFY_SOCKET'];
  }
}

test('where nobody wants to be told, nothing is run', async () => {
  const manager = new ServiceManager({
    environment: { PATH: '/nowhere' },
    status: () => expect.unreachable(),
    onTrouble: () => expect.unreachable(),
  });
  manager.ready();
  manager.stopping();
  await manager.close();
});

test('a service manager that cannot be told is reported once', async () => {
  const troubles: string[] = [];
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    const manager = new ServiceManager({
      environment: { NOTIFY_SOCKET: '/nowhere/notify' },
      status: () => 'fine',
      onTrouble: (reason) => troubles.push(reason),
    });
    manager.ready();
    manager.stopping();
    await manager.close();
  } finally {
    process.env['PATH'] = path;
  }
  expect(troubles).toEqual(['systemd-notify cannot be run: ENOENT']);
});
