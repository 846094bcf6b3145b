// What a tab remembers over a reload: the stay, its token, what is not acknowledged, and the draft.
//
// In come and out go plain values, kept in sessionStorage as JSON. Invariant: what cannot be read is as if it were not
// there; a browser that forbids storage only loses the memory.
import type { Pending, Stay } from './core/model';

const KEY = 'belfry.stay';
const DRAFT = 'belfry.draft';
const NAME = 'belfry.name';

export interface Remembered {
  token: string;
  name: string;
  textMax: number;
  stays: Stay[];
  outbox: Pending[];
}

export function remember(stay: Remembered): void {
  write(
    KEY,
    JSON.stringify(stay, (_key, value) => (typeof value === 'bigint' ? { cseq: String(value) } : value)),
  );
}

export function recall(): Remembered | null {
  const text = read(KEY);
  if (text === null) return null;
  try {
    const value = JSON.parse(text, (_key, inner) =>
      inner !== null && typeof inner === 'object' && typeof inner.cseq === 'string'
        ? BigInt(inner.cseq)
        : inner,
    ) as Remembered;
    const whole =
      typeof value.token === 'string' &&
      typeof value.name === 'string' &&
      Array.isArray(value.stays) &&
      Array.isArray(value.outbox);
    return whole ? value : null;
  } catch {
    return null;
  }
}

export function forget(): void {
  write(KEY, null);
}

export const lastName = { get: () => read(NAME) ?? '', set: (name: string) => write(NAME, name) };
export const draft = { get: () => read(DRAFT) ?? '', set: (text: string) => write(DRAFT, text || null) };

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // Full or forbidden.
  }
}
