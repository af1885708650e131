import type { BlockList } from 'node:net';
import type { CodecName } from '../core/codec-name.ts';
import type { ListenAddress } from '../core/listen-address.ts';
import type { NoticeKind } from '../core/notice-kind.ts';
import type { Role } from '../core/role.ts';
import type { Dataset } from '../schema/dataset.ts';

/** How to reach MySQL or MariaDB. Times in milliseconds. */
export interface DatabaseConfig {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** Null: the connection is not encrypted. `ca`: certificates in PEM; null for those that Node.js knows. */
  tls: { ca: string | null } | null;
  connectTimeoutMs: number;
  /** The longest a statement may take; afterwards its outcome is unknown and the load is fenced. */
  queryTimeoutMs: number;
}

/** Whom to tell of what needs somebody's attention. Times in milliseconds. */
export interface NotifyConfig {
  /** A secret as much as the key is: it may be all that a receiver asks for. */
  url: string;
  /** Certificates in PEM; null for those that Node.js knows. */
  ca: string | null;
  /** The key of signatures; null: notices are not signed. */
  secret: Buffer | null;
  events: readonly NoticeKind[];
  /** At most one notice in this time. */
  groupMs: number;
  /** The longest that the receiver may take to answer. */
  timeoutMs: number;
}

/** Who may do what by a secret of their own. */
export interface AccessToken {
  name: string;
  role: Role;
  secret: string;
}

/** A reverse proxy whose word is taken for who somebody is. */
export interface ProxyTrust {
  /** From where it connects. */
  peers: BlockList;
  /** In lower case. */
  userHeader: string;
  users: ReadonlyMap<string, Role>;
  /** Of users that are not listed; null: they may do nothing. */
  others: Role | null;
}

/** Where and to whom health, metrics and whatever else is there over HTTP are shown. */
export interface ServeConfig {
  listen: ListenAddress;
  /** Names by which it may be called besides those of its address, in lower case. */
  hosts: readonly string[];
  /** Of whoever says nothing of themselves; null: they may do nothing. */
  anonymous: Role | null;
  tokens: readonly AccessToken[];
  proxy: ProxyTrust | null;
  /** The largest file that may be uploaded. */
  uploadBytesMax: number;
}

/** Who may look at rows over HTTP, and how much a query may take. */
export interface DataConfig {
  /** Null: nobody. */
  role: Role | null;
  /** Absolute path of the folder of saved questions. */
  questionsFolder: string;
  timeoutMs: number;
  /** Of an answer that is shown. */
  rowsMax: number;
  downloadRowsMax: number;
  memoryBytesMax: number;
  /** Queries side by side. */
  atOnce: number;
  waitingMax: number;
}

/** Absolute paths. */
export interface Folders {
  input: string;
  output: string;
  failed: string;
  /** Where the sources of finished loads go; null: they are deleted. */
  archive: string | null;
  /** Where senders find a receipt for each file; null: they get none. */
  receipts: string | null;
  logs: string;
}

/** A file that holds a secret of the configuration. */
export interface SecretFile {
  /** The key that names it, without `_file`: the name of the credential as which a service gets it. */
  credential: string;
  /** As the configuration has it. */
  path: string;
}

/** The configuration with every default filled in and every schema read. */
export interface Config {
  /** Absolute path of the file it was read from. */
  file: string;
  secretFiles: readonly SecretFile[];
  /** Absent: no server is needed, rows are queried straight from the Parquet files. */
  database: DatabaseConfig | null;
  folders: Folders;
  datasets: Dataset[];
  parquet: { codec: CodecName; rowGroupRows: number };
  intake: {
    /** How long a file must stay unchanged before it is taken. */
    quietMs: number;
    /** The longest between two looks at the whole folder. */
    sweepMs: number;
    /** Watch by polling, for network mounts that send no events. */
    polling: boolean;
  };
  convert: {
    /** Worker threads. */
    workers: number;
    /** A line longer than this fails the file. */
    lineBytesMax: number;
    /** How many problems a report lists. */
    problemsMax: number;
    /** The most bytes that a packed file may become. */
    unpackedBytesMax: number;
    /** How many times its own size. */
    unpackedRatioMax: number;
  };
  report: {
    /** Whether reports show the values at fault, or nothing that stands in a file. */
    values: 'shown' | 'redacted';
  };
  /** Null: nobody is told. */
  notify: NotifyConfig | null;
  /** Null: no port is opened. */
  serve: ServeConfig | null;
  data: DataConfig;
  log: {
    /** A log file is rotated when it would grow beyond this. */
    rotateBytes: number;
    /** A log file is rotated when it is older than this. */
    rotateDays: number;
    /** How many rotated files are kept. */
    keepFiles: number;
  };
}
