// Keeps the lobby live: picks the carrier, catches up, takes what comes, and starts again when a link ends.
//
// In come the guest's token and the browser's events; out go actions for the store and, once, why it gave up.
// Invariants: at most one carrier feeds the store at a time; each new one first catches up from the store's cursor, so
// that nothing is lost or doubled on the way from one to the next.
import { fromBinary } from '@bufbuild/protobuf';
import { backoff, sleep } from '../core/backoff';
import { CarrierChoice, PollHold } from '../core/carrier';
import type { LobbyStore } from '../core/reducer';
import { Refused, Unreachable, endsTheStay } from '../protocol/errors';
import { type Call, LOBBY_HISTORY, LOBBY_POLL, LOBBY_UPDATE, LOGIN } from '../protocol/operations';
import { LobbyUpdateSchema } from '../generated/belfry/v1/belfry_pb';
import { toMessage, toUpdate } from './convert';
import { post } from './http';
import { NotOpened, SocketLink, socketUrl } from './socket';

export const PAGE = 50;
export const CLIENT = 'belfry-web/0.1';
/** A link that opened but does not answer its first request so long does not work. */
const LOGIN_MS = 5_000;
/** An empty answer sooner than this was not held: ask more slowly. */
const HELD_MS = 1_000;
/** A connection that lasted this long starts the back-off anew. */
const STABLE_MS = 10_000;

export interface ConnectionEvents {
  /** A carrier has caught up. */
  onLive(): void;
  /** The token is refused. Resolves to a new one if the name could be taken again; throws to try later. */
  onStayEnded(): Promise<string | null>;
}

export class Connection {
  #store: LobbyStore;
  #token: string;
  #events: ConnectionEvents;
  #choice = new CarrierChoice();
  #hold = new PollHold();
  #socket: SocketLink | null = null;
  #handedOver: SocketLink | null = null;
  #polls: AbortController | null = null;
  #stop = new AbortController();
  #wake: () => void = () => {};
  #askedMs = 0;

  constructor(store: LobbyStore, token: string, events: ConnectionEvents) {
    this.#store = store;
    this.#token = token;
    this.#events = events;
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
    this.#socket?.close();
    this.#wake();
  }

  /** Ends a wait at once; where a link is up, sees whether it lives. */
  retryNow(): void {
    this.#wake();
    this.#socket?.check();
  }

  /** Goes on after the stay had moved to another tab. */
  takeOver(): void {
    if (this.#store.state.link.phase !== 'elsewhere') return;
    this.#store.dispatch({ type: 'link', link: { phase: 'connecting' } });
    void this.#run();
  }

  /** Something was refused that shows the stay is over: begin again with a login, which says so for certain. */
  restart(): void {
    this.#socket?.close();
    this.#polls?.abort();
  }

  /** Asks over the live WebSocket, else over HTTP. */
  call: Call = (operation, request) => {
    if (this.#socket) return this.#socket.request(operation, request);
    return post(operation, request, { token: this.#token });
  };

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #run(): Promise<void> {
    let attempt = 0;
    let renewedAt = 0;
    while (!this.#stopped) {
      const since = Date.now();
      try {
        const carrier = this.#handedOver ? 'socket' : this.#choice.next(since);
        await (carrier === 'socket' ? this.#runSocket() : this.#runPolls());
      } catch (error) {
        if (this.#stopped) return;
        if (endsTheStay(error)) {
          const before = this.#token;
          if (!(await this.#renew())) return;
          // The server has just answered: no need to wait, unless it takes back at once what it gives.
          const soon = Date.now() - renewedAt < STABLE_MS;
          if (this.#token !== before && !soon) {
            renewedAt = Date.now();
            continue;
          }
        } else if (error instanceof Refused) {
          this.#askedMs = error.retryAfterMs;
        } else if (!(error instanceof Unreachable)) {
          // Not foreseen: said aloud, and tried again like a lost link.
          console.error(error);
        }
      }
      if (this.#stopped || this.#store.state.link.phase === 'elsewhere') return;
      if (this.#handedOver) continue;
      if (Date.now() - since > STABLE_MS) attempt = 0;
      await this.#wait(attempt);
      attempt += 1;
    }
  }

  async #renew(): Promise<boolean> {
    try {
      const token = await this.#events.onStayEnded();
      if (token === null) return false;
      this.#token = token;
    } catch (error) {
      if (error instanceof Refused) this.#askedMs = error.retryAfterMs;
    }
    return true;
  }

  async #runSocket(): Promise<void> {
    let link = this.#handedOver;
    this.#handedOver = null;
    try {
      link ??= await SocketLink.open(socketUrl());
    } catch (error) {
      this.#choice.socketFailed(error instanceof NotOpened && error.hung, Date.now());
      throw new Unreachable('no WebSocket');
    }
    if (this.#stopped) {
      link.close();
      return;
    }
    const opened = Date.now();
    let answered = false;
    try {
      link.onTold = (operation, body) => {
        if (operation === LOBBY_UPDATE) this.#take(toUpdate(fromBinary(LobbyUpdateSchema, body)));
      };
      await link.request(LOGIN, { token: this.#token, client: CLIENT }, LOGIN_MS).catch((error: unknown) => {
        answered = error instanceof Refused;
        throw error;
      });
      answered = true;
      this.#choice.socketWorks();
      this.#socket = link;
      await this.#catchUp();
      this.#live('socket');
      const ending = await link.ended;
      this.#askedMs = ending.retryAfterMs;
      if (ending.code === 'superseded') {
        this.#store.dispatch({ type: 'link', link: { phase: 'elsewhere' } });
      }
    } finally {
      this.#down();
      this.#socket = null;
      link.close();
      // Some proxies open a WebSocket and then let nothing through.
      if (answered) this.#choice.socketEnded(Date.now() - opened, Date.now());
      else this.#choice.socketFailed(true, Date.now());
    }
  }

  async #runPolls(): Promise<void> {
    const over = new AbortController();
    this.#polls = over;
    const end = () => over.abort();
    this.#stop.signal.addEventListener('abort', end);
    const probe = setTimeout(() => void this.#probe(over), this.#choice.retryAt - Date.now());
    try {
      await this.#catchUp();
      this.#live('poll');
      while (!over.signal.aborted) await this.#poll(over.signal);
    } catch (error) {
      if (over.signal.aborted) return;
      if (!(error instanceof Refused)) this.#choice.pollFailed();
      throw error;
    } finally {
      this.#down();
      this.#polls = null;
      clearTimeout(probe);
      over.abort();
      this.#stop.signal.removeEventListener('abort', end);
    }
  }

  /** Sees, while polls go on, whether WebSocket works by now; if so ends the polls. */
  async #probe(polls: AbortController): Promise<void> {
    try {
      const link = await SocketLink.open(socketUrl());
      if (polls.signal.aborted) link.close();
      else this.#handedOver = link;
      polls.abort();
    } catch (error) {
      this.#choice.socketFailed(error instanceof NotOpened && error.hung, Date.now());
      if (polls.signal.aborted) return;
      const timer = setTimeout(() => void this.#probe(polls), this.#choice.retryAt - Date.now());
      polls.signal.addEventListener('abort', () => clearTimeout(timer));
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { cursor, peopleVersion } = this.#store.state;
    const waitMs = this.#hold.ms;
    const since = Date.now();
    const request = { afterCseq: cursor, participantsVersion: peopleVersion, waitMs };
    try {
      const update = toUpdate(
        await post(LOBBY_POLL, request, { token: this.#token, holdMs: waitMs, signal }),
      );
      const empty = update.messages.length === 0 && update.people === null;
      this.#take(update);
      if (!this.#store.state.loaded) await this.#catchUp();
      if (!empty) return;
      const held = Date.now() - since;
      if (held >= waitMs) this.#hold.idle();
      else if (held < HELD_MS) await sleep(HELD_MS, signal);
    } catch (error) {
      if (error instanceof Unreachable && !signal.aborted) this.#hold.cut(Date.now() - since);
      throw error;
    }
  }

  /** Fetches what is missing: the newest page if nothing is known, then everything after the cursor. */
  async #catchUp(): Promise<void> {
    for (let more = true; more;) {
      if (!this.#store.state.loaded) {
        const page = await this.call(LOBBY_HISTORY, { beforeCseq: 0n, limit: PAGE });
        this.#store.dispatch({ type: 'newest', messages: page.messages.map(toMessage), more: page.more });
      }
      const { cursor, peopleVersion } = this.#store.state;
      const request = { afterCseq: cursor, participantsVersion: peopleVersion, waitMs: 0 };
      const update = await this.call(LOBBY_POLL, request);
      this.#store.dispatch({ type: 'update', update: toUpdate(update) });
      more = update.more || !this.#store.state.loaded;
    }
  }

  /** Takes what came by itself. After a gap the newest page is fetched anew. */
  #take(update: ReturnType<typeof toUpdate>): void {
    this.#store.dispatch({ type: 'update', update });
    const socket = this.#socket;
    if (update.gap && socket) this.#catchUp().catch(() => socket.close());
  }

  #live(by: 'socket' | 'poll'): void {
    this.#store.dispatch({ type: 'link', link: { phase: 'live', by } });
    this.#events.onLive();
  }

  /** At once, so that nothing is sent before the next carrier has caught up. */
  #down(): void {
    if (this.#store.state.link.phase !== 'live') return;
    this.#store.dispatch({ type: 'link', link: { phase: 'connecting' } });
  }

  async #wait(attempt: number): Promise<void> {
    const ms = backoff(attempt, this.#askedMs, Math.random());
    this.#askedMs = 0;
    const retryAt = navigator.onLine ? Date.now() + ms : null;
    this.#store.dispatch({ type: 'link', link: { phase: 'waiting', attempt, retryAt } });
    // Without a network the browser says when there is one; the long wait is for browsers that are wrong about it.
    const wait = new AbortController();
    this.#wake = () => wait.abort();
    await sleep(navigator.onLine ? ms : 30_000, wait.signal);
    this.#wake = () => {};
    if (!this.#stopped) this.#store.dispatch({ type: 'link', link: { phase: 'connecting' } });
  }
}
