import type { RefusalData } from '../serve/page-data.ts';

/** Why the server does not do what it was asked for, or that it cannot be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  /** What to do about it. */
  readonly hint: string;

  constructor(status: number, { error, hint }: RefusalData) {
    super(error);
    this.status = status;
    this.hint = hint;
  }
}

/** Values of a query; those that are null or empty are left out. */
export type QueryValues = Readonly<Record<string, string | number | null>>;

export function apiUrl(path: string, query: QueryValues = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== '') params.set(name, String(value));
  }
  return params.size === 0 ? path : `${path}?${params.toString()}`;
}

/** Asks for something. Throws an ApiError, and the reason of a signal that is aborted. */
export function getJson<T>(path: string, query?: QueryValues, signal?: AbortSignal): Promise<T> {
  return ask<T>(apiUrl(path, query), signal === undefined ? {} : { signal });
}

/**
 * Asks for something to be done, or for something that a query in the address has no room for. Browsers say with each such request from
 * where it comes, by which the server tells it from one that another site has made. Throws as getJson does.
 */
export function postJson<T>(path: string, value: unknown, signal?: AbortSignal): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(value);
  return ask<T>(path, { method: 'POST', headers, body, ...(signal !== undefined && { signal }) });
}

async function ask<T>(url: string, options: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw unreachable();
  }
  const value: unknown = await response.json().catch(() => null);
  if (response.ok && value !== null) return value as T;
  throw refusalIn(response.status, value);
}

export function unreachable(): ApiError {
  return new ApiError(0, {
    error: 'csv-hopper cannot be reached.',
    hint: 'Look whether it runs: csv-hopper status. This page goes on by itself when it is there again.',
  });
}

/** What an answer other than the one that was hoped for says. */
export function refusalIn(status: number, value: unknown): ApiError {
  const isRefusal = typeof value === 'object' && value !== null && 'error' in value;
  if (isRefusal) return new ApiError(status, value as RefusalData);
  const error = `The answer cannot be read (${status}).`;
  return new ApiError(status, { error, hint: 'Load the page again.' });
}
