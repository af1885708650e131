const RIGHTS = '-dac_override,-dac_read_search';

/**
 * The words before a command under which file modes bind it: none, unless the tests run as root, who may do everything.
 * Root then gives up just those two rights. Another user would not do: the project or Node may lie where only root looks.
 */
export const asPlainUser: string[] =
  process.getuid?.() === 0 ? ['setpriv', `--bounding-set=${RIGHTS}`, `--inh-caps=${RIGHTS}`] : [];
