// Sees to it that the tests find a mariadbd. Where there is none, and this is a Debian or Ubuntu on which packages may be
// installed, it installs the server's program alone, without a service. It never fails: the tests say what they miss.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const PACKAGE_SETS = [
  ['mariadb-server-core', 'mariadb-client-core'],
  // Ubuntu 22.04
  ['mariadb-server-core-10.6', 'mariadb-client-core-10.6'],
];
const TIME_LIMIT_MS = 120_000;

if (process.env.HOPPER_TEST_SERVER) {
  console.log('provide-mariadb: HOPPER_TEST_SERVER names the server.');
} else if (find('mariadbd') || find('mysqld')) {
  console.log('provide-mariadb: a server is installed.');
} else if (!find('apt-get')) {
  console.log(
    'provide-mariadb: no mariadbd and no apt-get; install MariaDB to run the database tests.',
  );
} else if (process.getuid?.() !== 0 && !succeeds(['sudo', '-n', 'true'])) {
  console.log(
    'provide-mariadb: no mariadbd and no right to install it; run: apt-get install mariadb-server-core',
  );
} else {
  console.log('provide-mariadb: installing mariadb-server-core ...');
  const installed =
    apt(['update']) &&
    PACKAGE_SETS.some((names) => apt(['install', '--no-install-recommends', ...names]));
  if (!installed)
    console.log('provide-mariadb: it could not be installed; the database tests will say so.');
}

function apt(words) {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  return succeeds([
    ...asRoot,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-y',
    '-qq',
    ...words,
  ]);
}

function succeeds([program, ...words]) {
  return spawnSync(program, words, { stdio: 'ignore', timeout: TIME_LIMIT_MS }).status === 0;
}

function find(name) {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/libexec',
    '/usr/local/sbin',
  ];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
