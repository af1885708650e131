// What passes between the server and the page as JSON: types alone, for both.
import type { Role } from '../core/role.ts';

/** Answer of /api/session: who looks at the page. */
export interface SessionData {
  /** As the log has them. */
  name: string;
  role: Role;
  /** Of csv-hopper. */
  version: string;
}

/** The answer to whatever is refused, or fails. */
export interface RefusalData {
  error: string;
  /** What to do about it. */
  hint: string;
}
