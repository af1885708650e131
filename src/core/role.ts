/** What somebody may do over HTTP; each may do what those before it may: look; upload and see receipts; retry and undo. */
export const roles = ['viewer', 'sender', 'operator'] as const;

export type Role = (typeof roles)[number];

/** Whether a role, null for none, is enough for what needs another; null needs none. */
export function suffices(role: Role | null, needed: Role | null): boolean {
  if (needed === null) return true;
  return role !== null && roles.indexOf(role) >= roles.indexOf(needed);
}
