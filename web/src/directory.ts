// What is known of people beyond their addresses: names, pictures, and whether they are there.
//
// In come the store's contacts and chats; out go questions to the server and their answers into the store. Invariants:
// everybody is asked about once for each page, a few at a time; a server that says "too often" is left alone.
import type { AccountState } from './core/account/model';
import type { AccountStore } from './core/account/reducer';
import { GET_PICTURE, GET_PROFILE, WATCH } from './protocol/account-operations';
import { Refused } from './protocol/errors';
import type { Call } from './protocol/operations';
import { toPresence, toProfile } from './net/convert-account';

const AT_ONCE = 4;
/** What somebody shows is asked for again when they are looked at, but not sooner. */
const FRESH_MS = 60_000;
/** A link watches so many at a time. */
const WATCHED_MAX = 100;
/** Watched again so long before the watch ends. */
const MARGIN_MS = 10_000;
const WATCH_AGAIN_MIN_MS = 15_000;
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/webp']);

export class Directory {
  #store: AccountStore;
  #call: Call;
  #asked = new Set<string>();
  #askedAt = new Map<string, number>();
  #queue: (() => Promise<void>)[] = [];
  #running = 0;
  #quiet = false;
  #open: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unsubscribe: () => void;

  constructor(store: AccountStore, call: Call) {
    this.#store = store;
    this.#call = call;
    this.#unsubscribe = store.subscribe((state) => this.#look(state));
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#unsubscribe();
    for (const url of this.#store.state.pictures.values()) URL.revokeObjectURL(url);
  }

  /** A link is up: whoever could not be asked about may be now. */
  live(): void {
    this.#quiet = false;
    this.#look(this.#store.state);
    this.#watch();
  }

  /** Somebody is looked at, so their presence is followed; null: nobody is. */
  open(address: string | null): void {
    if (address === this.#open) return;
    this.#open = address;
    if (address !== null) this.#refresh(address);
    this.#watch();
  }

  /** Whoever is looked at may have another name or picture by now. */
  #refresh(address: string): void {
    const now = Date.now();
    if (now - (this.#askedAt.get(address) ?? 0) < FRESH_MS) return;
    this.#askedAt.set(address, now);
    this.#asked.delete(`profile ${address}`);
    this.#want(`profile ${address}`, () => this.#profile(address));
  }

  #look(state: AccountState): void {
    if (this.#quiet || !state.ready || state.link.phase !== 'live') return;
    for (const address of [...state.contacts.keys(), ...state.chats.keys()]) {
      if (!state.profiles.has(address)) this.#want(`profile ${address}`, () => this.#profile(address));
    }
    for (const address of [state.me, ...state.contacts.keys(), ...state.chats.keys()]) {
      const pictureId = state.profiles.get(address)?.pictureId ?? '';
      if (pictureId === '' || state.pictures.has(pictureId)) continue;
      this.#want(`picture ${pictureId}`, () => this.#picture(address, pictureId));
    }
  }

  #want(what: string, ask: () => Promise<void>): void {
    if (this.#asked.has(what)) return;
    this.#asked.add(what);
    this.#queue.push(() =>
      ask().catch((error: unknown) => {
        if (error instanceof Refused && error.code === 'rate_limited') this.#quiet = true;
        if (!(error instanceof Refused)) this.#asked.delete(what);
      }),
    );
    this.#next();
  }

  #next(): void {
    while (this.#running < AT_ONCE) {
      const ask = this.#queue.shift();
      if (!ask) return;
      this.#running += 1;
      void ask().finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #profile(address: string): Promise<void> {
    if (this.#quiet) return;
    const { profile } = await this.#call(GET_PROFILE, { address });
    if (profile) this.#store.dispatch({ type: 'profiles', profiles: [{ ...toProfile(profile), address }] });
  }

  async #picture(address: string, pictureId: string): Promise<void> {
    const own = address === this.#store.state.me;
    const { picture } = await this.#call(GET_PICTURE, { address: own ? '' : address, pictureId });
    if (!picture || !PICTURES.has(picture.mime)) return;
    const blob = new Blob([new Uint8Array(picture.data)], { type: picture.mime });
    this.#store.dispatch({ type: 'picture', id: pictureId, url: URL.createObjectURL(blob) });
  }

  /** Follows who is looked at, and asks once about contacts of whom nothing is known: when they were there last. */
  #watch(): void {
    clearTimeout(this.#timer);
    const { contacts, presences, link } = this.#store.state;
    if (link.phase !== 'live') return;
    const unknown = [...contacts.values()].filter(
      ({ address, to, blocked }) => to && !blocked && !presences.has(address),
    );
    const addresses = new Set(unknown.map(({ address }) => address));
    if (this.#open !== null) addresses.add(this.#open);
    const some = [...addresses].slice(-WATCHED_MAX);
    if (some.length === 0) return;
    this.#call(WATCH, { addresses: some })
      .then(({ presences, expiresInMs }) => {
        this.#store.dispatch({ type: 'presences', presences: presences.map(toPresence) });
        if (this.#open === null) return;
        const again = Math.max(WATCH_AGAIN_MIN_MS, expiresInMs - MARGIN_MS);
        this.#timer = setTimeout(() => this.#watch(), again);
      })
      .catch(() => {});
  }
}
