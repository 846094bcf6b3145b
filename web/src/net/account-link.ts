// Keeps an account live: picks the carrier, logs in, catches up, and starts again when a link ends.
//
// In come the session and the browser's events; out go actions for the store and, once, why the device is one no longer.
// Invariants: at most one link at a time; a link is live only after it has caught up; a secret that is refused is never
// tried again.
import { fromBinary } from '@bufbuild/protobuf';
import { backoff, sleep } from '../core/backoff';
import { CarrierChoice } from '../core/carrier';
import type { AccountStore } from '../core/account/reducer';
import { PresenceUpdateSchema, TypingUpdateSchema } from '../generated/belfry/v1/belfry_pb';
import { NOTIFY, PRESENCE_UPDATE, TYPING_UPDATE } from '../protocol/account-operations';
import { Refused, Unreachable } from '../protocol/errors';
import { type Call, LOGIN } from '../protocol/operations';
import { CLIENT } from './connection';
import { toPresence } from './convert-account';
import { post } from './http';
import { type Session, renewed } from './session';
import { NotOpened, SocketLink, socketUrl } from './socket';
import { Timeline } from './timeline';

const LOGIN_MS = 5_000;
const STABLE_MS = 10_000;
/** What is told of somebody who writes is good for so long. */
const TYPING_MS = 10_000;
/** The secret is good no longer: do not come back with it. */
const DEAD = new Set(['wrong_credentials', 'replaced', 'revoked', 'unauthenticated', 'forbidden']);

export interface AccountLinkEvents {
  onLive(): void;
  onSession(session: Session): void;
  /** The server does not want this device any more, and why. */
  onDead(message: string): void;
}

export class AccountLink {
  #store: AccountStore;
  #session: Session;
  #events: AccountLinkEvents;
  #timeline: Timeline;
  #choice = new CarrierChoice();
  #socket: SocketLink | null = null;
  #stop = new AbortController();
  #polls: AbortController | null = null;
  #wake: () => void = () => {};
  #askedMs = 0;

  constructor(store: AccountStore, session: Session, events: AccountLinkEvents) {
    this.#store = store;
    this.#session = session;
    this.#events = events;
    this.#timeline = new Timeline(store, this.call);
  }

  start(): void {
    const { signal } = this.#stop;
    addEventListener('online', () => this.retryNow(), { signal });
    addEventListener('offline', () => this.#socket?.check(), { signal });
    addEventListener('pageshow', () => this.retryNow(), { signal });
    document.addEventListener('visibilitychange', () => !document.hidden && this.retryNow(), { signal });
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
    this.#polls?.abort();
    this.#socket?.close();
    this.#wake();
  }

  retryNow(): void {
    this.#wake();
    this.#socket?.check();
  }

  /** Goes on after another tab had the account. */
  takeOver(): void {
    if (this.#store.state.link.phase !== 'elsewhere') return;
    this.#store.dispatch({ type: 'link', link: { phase: 'connecting' } });
    void this.#run();
  }

  get session(): Session {
    return this.#session;
  }

  /** Whether something that only links have can be asked for. */
  get hasSocket(): boolean {
    return this.#socket !== null;
  }

  /** After a send: the place in the timeline goes on with it, if it stands right before it. */
  get timeline(): Timeline {
    return this.#timeline;
  }

  /** Asks over the live WebSocket, else over HTTP. */
  call: Call = async (operation, request) => {
    if (this.#socket) return this.#socket.request(operation, request);
    await this.#renew();
    return post(operation, request, { token: this.#session.token });
  };

  async #renew(): Promise<void> {
    const session = await renewed(this.#session, Date.now());
    if (session === this.#session) return;
    this.#session = session;
    this.#events.onSession(session);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let attempt = 0;
    let boughtAt = 0;
    while (!signal.aborted) {
      const since = Date.now();
      try {
        await this.#renew();
        await (this.#choice.next(since) === 'socket' ? this.#runSocket() : this.#runPolls());
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refused) {
          if (error.code === 'unauthenticated' && Date.now() - boughtAt > STABLE_MS) {
            // The token may have been good for another life of the server; the secret says for certain.
            boughtAt = Date.now();
            this.#session = { ...this.#session, token: '' };
            continue;
          }
          if (DEAD.has(error.code)) return this.#dead(error.message);
          this.#askedMs = error.retryAfterMs;
        } else if (!(error instanceof Unreachable)) {
          // Not foreseen: said aloud, and tried again like a lost link.
          console.error(error);
        }
      }
      if (signal.aborted || this.#store.state.link.phase === 'elsewhere') return;
      if (Date.now() - since > STABLE_MS) attempt = 0;
      await this.#wait(attempt);
      attempt += 1;
    }
  }

  #dead(message: string): void {
    this.stop();
    this.#events.onDead(message);
  }

  async #runSocket(): Promise<void> {
    let link: SocketLink;
    try {
      link = await SocketLink.open(socketUrl());
    } catch (error) {
      this.#choice.socketFailed(error instanceof NotOpened && error.hung, Date.now());
      throw new Unreachable('no WebSocket');
    }
    if (this.#stop.signal.aborted) return link.close();
    const opened = Date.now();
    let answered = false;
    try {
      link.onTold = (operation, body) => this.#told(operation, body);
      await link
        .request(LOGIN, { token: this.#session.token, client: CLIENT }, LOGIN_MS)
        .catch((error: unknown) => {
          answered = error instanceof Refused;
          throw error;
        });
      answered = true;
      this.#choice.socketWorks();
      this.#socket = link;
      await this.#timeline.begin(true);
      this.#live('socket');
      const ending = await link.ended;
      this.#askedMs = ending.retryAfterMs;
      if (ending.code === 'superseded') {
        this.#store.dispatch({ type: 'link', link: { phase: 'elsewhere' } });
      } else if (DEAD.has(ending.code)) {
        throw new Refused(ending.code, 'This device was removed from the account.', 0);
      }
    } finally {
      this.#down();
      this.#socket = null;
      link.close();
      if (answered) this.#choice.socketEnded(Date.now() - opened, Date.now());
      else this.#choice.socketFailed(true, Date.now());
    }
  }

  /** Long polls, until it is time to try WebSocket again. */
  async #runPolls(): Promise<void> {
    const over = new AbortController();
    this.#polls = over;
    const timer = setTimeout(() => over.abort(), Math.max(0, this.#choice.retryAt - Date.now()));
    try {
      await this.#timeline.begin(false);
      this.#live('poll');
      while (!over.signal.aborted) {
        await this.#renew();
        await this.#timeline.poll(this.#session.token, over.signal);
      }
    } catch (error) {
      if (over.signal.aborted) return;
      if (!(error instanceof Refused)) this.#choice.pollFailed();
      throw error;
    } finally {
      clearTimeout(timer);
      this.#polls = null;
      this.#down();
    }
  }

  #told(operation: number, body: Uint8Array): void {
    if (operation === NOTIFY) this.#timeline.told(body, () => this.#socket?.close());
    if (operation === TYPING_UPDATE) {
      const { from, active } = fromBinary(TypingUpdateSchema, body);
      const until = active ? Date.now() + TYPING_MS : 0;
      this.#store.dispatch({ type: 'typing', peer: from, until });
    }
    if (operation === PRESENCE_UPDATE) {
      const { presences } = fromBinary(PresenceUpdateSchema, body);
      this.#store.dispatch({ type: 'presences', presences: presences.map(toPresence) });
    }
  }

  #live(by: 'socket' | 'poll'): void {
    this.#store.dispatch({ type: 'link', link: { phase: 'live', by } });
    this.#events.onLive();
  }

  #down(): void {
    if (this.#store.state.link.phase !== 'live') return;
    this.#store.dispatch({ type: 'link', link: { phase: 'connecting' } });
  }

  async #wait(attempt: number): Promise<void> {
    const ms = backoff(attempt, this.#askedMs, Math.random());
    this.#askedMs = 0;
    const retryAt = navigator.onLine ? Date.now() + ms : null;
    this.#store.dispatch({ type: 'link', link: { phase: 'waiting', attempt, retryAt } });
    const wait = new AbortController();
    this.#wake = () => wait.abort();
    await sleep(navigator.onLine ? ms : 30_000, wait.signal);
    this.#wake = () => {};
    if (!this.#stop.signal.aborted) this.#store.dispatch({ type: 'link', link: { phase: 'connecting' } });
  }
}
