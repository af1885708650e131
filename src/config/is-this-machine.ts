/** Whether a database's host is the machine that csv-hopper runs on, as far as its name says. */
export function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
