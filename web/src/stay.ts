// One stay in the lobby: the store, the connection and the outbox put together.
//
// In come a name to take or what was remembered of a stay; out go a live store and what a person can do. Invariants:
// whatever changes in the store that a reload needs is remembered at once; a stay that is over tells so exactly once.
import { newId } from './core/ids';
import { type Pending, emptyState } from './core/model';
import { LobbyStore } from './core/reducer';
import { toJoined, toMessage } from './net/convert';
import { Connection, PAGE } from './net/connection';
import { post } from './net/http';
import { Outbox } from './net/outbox';
import { Refused, passes } from './protocol/errors';
import { LOBBY_HISTORY, LOBBY_JOIN, LOBBY_LEAVE } from './protocol/operations';
import { type Remembered, forget, lastName, recall, remember } from './session-store';

/** Why a stay is over though nobody asked for it. */
export interface Lost {
  name: string;
  reason: 'expired' | 'taken' | 'refused';
  /** The server's own sentence. */
  message: string;
}

export class Stay {
  readonly store: LobbyStore;
  #token: string;
  #connection: Connection;
  #outbox: Outbox;
  #resumed: boolean;
  #wasLive = false;
  #renewed = false;
  #ended = false;
  #onLost: (lost: Lost) => void;

  /** Takes a name. Throws what the server or the network said. */
  static async join(name: string, onLost: (lost: Lost) => void): Promise<Stay> {
    const reply = await post(LOBBY_JOIN, { name });
    const store = new LobbyStore(emptyState(reply.name));
    store.dispatch({ type: 'joined', name: reply.name, joined: toJoined(reply) });
    lastName.set(reply.name);
    return new Stay(store, reply.token, false, onLost);
  }

  /** Goes on with the stay of before a reload, if there was one. */
  static resume(onLost: (lost: Lost) => void): Stay | null {
    const kept = recall();
    if (!kept) return null;
    const store = new LobbyStore(emptyState(kept.name));
    store.dispatch({
      type: 'restored',
      name: kept.name,
      stays: kept.stays,
      outbox: kept.outbox.map(unsettled),
      textMax: kept.textMax,
    });
    return new Stay(store, kept.token, true, onLost);
  }

  private constructor(store: LobbyStore, token: string, resumed: boolean, onLost: (lost: Lost) => void) {
    this.store = store;
    this.#token = token;
    this.#resumed = resumed;
    this.#onLost = onLost;
    this.#connection = new Connection(store, token, {
      onLive: () => this.#live(),
      onStayEnded: () => this.#again(),
    });
    this.#outbox = new Outbox(store, this.#connection.call, () => this.#connection.restart());
    let kept: Pending[] | null = null;
    store.subscribe((state) => {
      if (kept === state.outbox || this.#ended) return;
      kept = state.outbox;
      this.#remember();
    });
    this.#connection.start();
  }

  send(text: string): void {
    this.store.dispatch({ type: 'queued', id: newId(), text, at: Date.now() });
    void this.#outbox.flush();
  }

  sendAgain(id: string): void {
    this.store.dispatch({ type: 'again', id });
    void this.#outbox.flush();
  }

  discard(id: string): void {
    this.store.dispatch({ type: 'discarded', id });
  }

  retryNow(): void {
    this.#connection.retryNow();
  }

  /** Takes the stay back from the tab that has it. */
  takeOver(): void {
    this.#connection.takeOver();
  }

  /** Fetches the page above the oldest message, if there is one and it is not on its way. */
  async loadOlder(): Promise<void> {
    const { loaded, older, messages } = this.store.state;
    const oldest = messages[0];
    if (!loaded || older === 'loading' || older === 'end' || !oldest) return;
    this.store.dispatch({ type: 'older-state', older: 'loading' });
    try {
      const request = { beforeCseq: oldest.cseq, limit: PAGE };
      const page = await this.#connection.call(LOBBY_HISTORY, request);
      this.store.dispatch({ type: 'older', messages: page.messages.map(toMessage), more: page.more });
    } catch {
      this.store.dispatch({ type: 'older-state', older: 'failed' });
    }
  }

  /** Gives the name back. */
  async leave(): Promise<void> {
    this.#end();
    await post(LOBBY_LEAVE, {}, { token: this.#token, keepalive: true }).catch(() => {});
  }

  #live(): void {
    this.#wasLive = true;
    if (this.#renewed) {
      this.#renewed = false;
      this.store.dispatch({ type: 'caught-up' });
    }
    if (this.store.state.older === 'failed') this.store.dispatch({ type: 'older-state', older: 'more' });
    void this.#outbox.flush();
  }

  /**
   * The server does not know the token (any more). After a break in a stay that was live the name is taken again, as
   * the person is still here; after a reload it is asked for, as nobody can say how long ago that was.
   */
  async #again(): Promise<string | null> {
    const name = this.store.state.me;
    if (this.#resumed && !this.#wasLive) {
      return this.#lost({ name, reason: 'expired', message: '' });
    }
    try {
      const reply = await post(LOBBY_JOIN, { name });
      this.#token = reply.token;
      this.#renewed = true;
      this.store.dispatch({ type: 'joined', name: reply.name, joined: toJoined(reply) });
      this.#remember();
      return reply.token;
    } catch (error) {
      if (!(error instanceof Refused) || passes(error)) throw error;
      const reason = error.code === 'name_taken' ? 'taken' : 'refused';
      return this.#lost({ name, reason, message: error.message });
    }
  }

  #lost(lost: Lost): null {
    this.#end();
    this.#onLost(lost);
    return null;
  }

  #end(): void {
    this.#ended = true;
    this.#outbox.stop();
    this.#connection.stop();
    forget();
  }

  #remember(): void {
    const { me, stays, outbox, textMax } = this.store.state;
    const kept: Remembered = { token: this.#token, name: me, textMax, stays, outbox };
    remember(kept);
  }
}

/** What came back of it is found anew, since the log is loaded anew. */
function unsettled({ echo: _, ...pending }: Pending): Pending {
  return pending;
}
