import type { DatabaseConnection } from './connection.ts';

/** What the user lacks of the rights asked for, as far as the server shows them. */
export interface MissingRights {
  rights: string[];
  /** A role is active, whose rights information_schema does not list under the user: nothing is certain then. */
  byRole: boolean;
}

/** Looks for rights on every table of the current database: granted on all databases or on this one. */
export async function missingRights(
  connection: DatabaseConnection,
  wanted: readonly string[],
): Promise<MissingRights> {
  const [session] = await connection.rows(
    'SELECT CURRENT_USER() AS account, CURRENT_ROLE() AS role',
  );
  const grantee = granteeOf(String(session?.['account']));
  // A database name in a grant is a pattern: hopper\_% grants on hopper_test.
  const rows = await connection.rows(
    'SELECT PRIVILEGE_TYPE AS name FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = ?' +
      ' UNION SELECT PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES' +
      ' WHERE GRANTEE = ? AND DATABASE() LIKE TABLE_SCHEMA',
    [grantee, grantee],
  );
  const held = new Set(rows.map((row) => String(row['name'])));
  const role = session?.['role'];
  return {
    rights: wanted.filter((right) => !held.has(right)),
    byRole: role !== null && role !== 'NONE',
  };
}

/** hopper@10.0.0.% as information_schema writes it. A user name may hold an @, a host cannot. */
function granteeOf(account: string): string {
  const at = account.lastIndexOf('@');
  return `'${account.slice(0, at)}'@'${account.slice(at + 1)}'`;
}
