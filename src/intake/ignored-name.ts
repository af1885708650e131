/** Endings under which programs write a file until it is complete. All in lower case. */
const temporaryEndings = [
  '~', // editors' backups
  '.tmp',
  '.temp',
  '.part', // Firefox, KDE, curl scripts
  '.partial', // Internet Explorer, rclone, Robocopy scripts
  '.filepart', // WinSCP
  '.crdownload', // Chrome
  '.download', // Safari
  '.opdownload', // Opera
  '.inprogress',
  '.incomplete',
  '.uploading',
  '.writing',
  '._copying_', // Hadoop's fs -put and -get
  '.lftp-pget-status', // lftp, next to the file; the file itself is written in place
  '.aria2',
  '.!ut', // uTorrent
  '.!qb', // qBittorrent
  '.!sync', // Resilio Sync
  '.swp',
  '.swx',
  '.swo',
  '.lock',
  '.lck',
] as const;

const temporaryStarts = [
  '.', // hidden files: rsync's .name.XXXXXX, .syncthing.name.tmp, .nfsXXXX, Nextcloud's .name.~hex, our own .processing
  '~$', // Microsoft Office's owner files
  '~syncthing~',
  '@eadir', // Synology's indexer
  '#syno', // Synology's recycle bin and upload folders
] as const;

const temporaryShapes = [
  /^#.*#$/, // Emacs auto-save
  /\.sb-[0-9a-f]+-[a-z0-9]{6}$/, // macOS safe saves
  /\.~[0-9a-f]+$/, // Nextcloud's desktop client
] as const;

/**
 * Whether a name says that its file is not meant to be read, because some program keeps it under this name only until
 * it is complete, or uses it for its own bookkeeping. Letter case is ignored. Such entries are passed over in silence.
 */
export function isTemporaryName(name: string): boolean {
  const lower = name.toLowerCase();
  return (
    temporaryStarts.some((start) => lower.startsWith(start)) ||
    temporaryEndings.some((end) => lower.endsWith(end)) ||
    temporaryShapes.some((shape) => shape.test(lower))
  );
}
