// One signed-in account: the store, the link, the outbox and what the person can do, put together.
//
// In comes a session; out go a live store and what a person can do about chats and themselves. Invariants: whatever a
// reload needs is remembered at once; an account that is over tells so exactly once and leaves nothing in the browser.
import { type AccountMemory, forgetAccount, memory, session as kept } from './account-store';
import { type Audience, type Availability, type Privacy, emptyAccount } from './core/account/model';
import { isRequest } from './core/account/lists';
import { AccountStore } from './core/account/reducer';
import { newId } from './core/ids';
import { Directory } from './directory';
import { Activity } from './generated/belfry/v1/belfry_pb';
import { AccountLink } from './net/account-link';
import { AccountOutbox } from './net/account-outbox';
import { fromAvailability, fromPrivacy, toDirect, toPrivacy, toProfile } from './net/convert-account';
import { type Session, signOut } from './net/session';
import { People } from './people';
import {
  HISTORY,
  MARK_READ,
  REPORT_ACTIVITY,
  SET_PRESENCE,
  SET_PRIVACY,
  SET_PROFILE,
  TYPING,
} from './protocol/account-operations';
import { Refused } from './protocol/errors';

const PAGE = 50;
/** While one writes, the other side is told so often. */
const TYPING_EVERY_MS = 4_000;

export interface ProfileChange {
  displayName?: string;
  about?: string;
  /** Without data: the picture goes. */
  picture?: { mime: string; data: Uint8Array };
}

export class Account {
  readonly store: AccountStore;
  readonly people: People;
  readonly directory: Directory;
  #link: AccountLink;
  #outbox: AccountOutbox;
  #stop = new AbortController();
  #typedAt = 0;
  #saysPresence = false;
  #marked = new Map<string, bigint>();

  constructor(session: Session, onOver: (message: string) => void) {
    kept.set(session);
    this.store = new AccountStore(emptyAccount(session.address));
    this.store.dispatch({ type: 'restored', ...memory.get() });
    this.#link = new AccountLink(this.store, session, {
      onLive: () => this.#live(),
      onSession: (renewed) => !this.#stop.signal.aborted && kept.set(renewed),
      onDead: (message) => {
        this.#end();
        forgetAccount();
        onOver(message);
      },
    });
    const { call } = this.#link;
    this.people = new People(this.store, call);
    this.directory = new Directory(this.store, call);
    this.#outbox = new AccountOutbox(this.store, call, ({ previous, key }) =>
      this.#link.timeline.passed(previous, key),
    );
    this.#remember();
    document.addEventListener('visibilitychange', () => this.#tellActivity(), this.#stop);
    this.#link.start();
  }

  retryNow(): void {
    this.#link.retryNow();
  }

  takeOver(): void {
    this.#link.takeOver();
  }

  send(to: string, text: string): void {
    this.#typedAt = 0;
    this.store.dispatch({ type: 'queued', message: { id: newId(), to, text, at: Date.now() } });
    void this.#outbox.flush();
  }

  sendAgain(id: string): void {
    this.store.dispatch({ type: 'again', id });
    void this.#outbox.flush();
  }

  discard(id: string): void {
    this.store.dispatch({ type: 'discarded', id });
  }

  /** Fetches the newest page of a chat if it is not here, else the one above. */
  async load(peer: string): Promise<void> {
    const chat = this.store.state.chats.get(peer);
    if (chat?.older === 'loading' || (chat?.loaded && chat.older === 'end')) return;
    const newest = !chat?.loaded;
    const beforeCseq = newest ? 0n : (chat?.messages[0]?.cseq ?? 0n);
    this.store.dispatch({ type: 'older', peer, older: 'loading' });
    try {
      const page = await this.#link.call(HISTORY, { peer, beforeCseq, limit: PAGE });
      const messages = page.messages.map((message) => toDirect(this.store.state.me, message));
      const { conversationId: id, more } = page;
      this.store.dispatch({ type: 'page', peer, id, messages, more, newest });
    } catch (error) {
      if (error instanceof Refused && error.code === 'not_found') {
        this.store.dispatch({ type: 'page', peer, id: 0n, messages: [], more: false, newest: true });
      } else this.store.dispatch({ type: 'older', peer, older: 'failed' });
    }
  }

  /** Everything in this chat was seen. Who waits to be heard is not told so. */
  markRead(peer: string): void {
    const chat = this.store.state.chats.get(peer);
    const { state } = this.store;
    if (!chat || chat.id === 0n || isRequest(state, chat) || state.link.phase !== 'live') return;
    const read = chat.lastCseq;
    if (read <= chat.readCseq || read <= (this.#marked.get(peer) ?? 0n)) return;
    this.#marked.set(peer, read);
    this.#link
      .call(MARK_READ, { conversationId: chat.id, readCseq: read })
      .then(() => this.store.dispatch({ type: 'mark', id: chat.id, read }))
      .catch(() => this.#marked.delete(peer));
  }

  /** The person writes to them. */
  writing(to: string): void {
    const chat = this.store.state.chats.get(to);
    if (!chat || chat.id === 0n || Date.now() - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = Date.now();
    this.#link.call(TYPING, { to, active: true }).catch(() => {});
  }

  async show(shown: Availability): Promise<void> {
    await this.#sayPresence(shown);
    this.store.dispatch({ type: 'shown', shown });
  }

  /** What was said once on a link holds there, so from then on this page says itself when nobody looks at it. */
  async #sayPresence(shown: Availability): Promise<void> {
    const now = shown === 'online' && document.hidden ? 'away' : shown;
    await this.#link.call(SET_PRESENCE, { availability: fromAvailability(now) });
    this.#saysPresence = true;
  }

  async setProfile(change: ProfileChange): Promise<void> {
    const { profile } = await this.#link.call(SET_PROFILE, change);
    if (!profile) return;
    const own = { ...toProfile(profile), address: this.store.state.me };
    this.store.dispatch({ type: 'profiles', profiles: [own] });
  }

  async setPrivacy(what: keyof Privacy, audience: Audience): Promise<void> {
    const { privacy } = await this.#link.call(SET_PRIVACY, fromPrivacy({ [what]: audience }));
    if (privacy) this.store.dispatch({ type: 'privacy', privacy: toPrivacy(privacy) });
  }

  /** Removes this browser from the account's devices and forgets all of it here. */
  async signOut(): Promise<void> {
    const { session } = this.#link;
    this.#end();
    forgetAccount();
    await signOut(session).catch(() => {});
  }

  #live(): void {
    const { shown } = this.store.state;
    // Who is not online says so; of others the server knows it by whether they look at the page.
    this.#saysPresence = shown !== 'online';
    this.#tellActivity();
    this.directory.live();
    void this.#outbox.flush();
  }

  #tellActivity(): void {
    if (this.store.state.link.phase !== 'live') return;
    const activity = document.hidden ? Activity.BACKGROUND : Activity.FOREGROUND;
    this.#link.call(REPORT_ACTIVITY, { activity }).catch(() => {});
    if (this.#saysPresence) this.#sayPresence(this.store.state.shown).catch(() => {});
  }

  #remember(): void {
    let before: Partial<AccountMemory> = {};
    let profiles: unknown = null;
    const end = this.store.subscribe((state) => {
      const { outbox, shown } = state;
      if (outbox === before.outbox && shown === before.shown && state.profiles === profiles) return;
      before = { outbox, shown };
      profiles = state.profiles;
      memory.set({ outbox, shown, profiles: [...state.profiles.values()] });
    });
    this.#stop.signal.addEventListener('abort', end);
  }

  #end(): void {
    this.#stop.abort();
    this.#outbox.stop();
    this.directory.end();
    this.#link.stop();
  }
}
