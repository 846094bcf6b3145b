// What a browser remembers of an account: the session, what waits to be sent, and what people are called.
//
// In come and out go plain values, kept in localStorage as JSON, since an account outlives its tab. Invariant: what
// cannot be read is as if it were not there; all of it goes when one signs out.
import type { Availability, Outgoing, Profile } from './core/account/model';
import type { Session } from './net/session';

const SESSION = 'belfry.account';
const MEMORY = 'belfry.account.memory';
const DRAFTS = 'belfry.account.drafts';
/** An invitation that waits for its person to sign in. */
const INVITE = 'belfry.invite';
/** So many people's names are kept. */
const PROFILES_MAX = 500;

export interface AccountMemory {
  outbox: Outgoing[];
  profiles: Profile[];
  shown: Availability;
}

export const session = {
  get(): Session | null {
    const value = read<Session>(SESSION);
    const whole = typeof value?.address === 'string' && typeof value.secret === 'string';
    return whole ? value : null;
  },
  set: (value: Session) => write(SESSION, value),
};

export const memory = {
  get(): AccountMemory {
    const value = read<Partial<AccountMemory>>(MEMORY);
    return {
      outbox: Array.isArray(value?.outbox) ? value.outbox : [],
      profiles: Array.isArray(value?.profiles) ? value.profiles : [],
      shown: value?.shown ?? 'online',
    };
  },
  set: (value: AccountMemory) => write(MEMORY, { ...value, profiles: value.profiles.slice(-PROFILES_MAX) }),
};

export function draftFor(peer: string): { get(): string; set(text: string): void } {
  const all = () => read<Record<string, string>>(DRAFTS) ?? {};
  return {
    get: () => all()[peer] ?? '',
    set(text) {
      const { [peer]: before, ...others } = all();
      if ((before ?? '') !== text) write(DRAFTS, text === '' ? others : { ...others, [peer]: text });
    },
  };
}

export const invitation = {
  get: () => read<string>(INVITE) ?? '',
  set: (token: string) => write(INVITE, token || null),
};

export function forgetAccount(): void {
  for (const key of [SESSION, MEMORY, DRAFTS, INVITE]) write(key, null);
}

function read<Value>(key: string): Value | null {
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : (JSON.parse(text) as Value);
  } catch {
    return null;
  }
}

function write(key: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden.
  }
}
