import type { ColumnType } from './column-type.ts';

/** The type as a schema writes it. */
export function typeText(type: ColumnType): string {
  if (type.length > 0) return `${type.name}(${type.length})`;
  if (type.precision > 0) return `${type.name}(${type.precision},${type.scale})`;
  return type.fraction > 0 ? `${type.name}(${type.fraction})` : type.name;
}
