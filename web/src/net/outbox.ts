// Sends what waits in the outbox, one after the other, until each is acknowledged or refused for good.
//
// In come the store's outbox and word that a link is up; out go sends and actions. Invariants: an entry is sent with the
// same id at every attempt; never two at once, so the lobby has them in the order they were written.
import { backoff } from '../core/backoff';
import type { LobbyStore } from '../core/reducer';
import { Refused, endsTheStay, passes } from '../protocol/errors';
import { type Call, LOBBY_SEND } from '../protocol/operations';

/** A server that keeps failing on one message is not asked for ever. */
const ATTEMPTS_MAX = 8;

export class Outbox {
  #store: LobbyStore;
  #call: Call;
  #running = false;
  #stopped = false;
  #onDoubt: () => void;
  #doubted = '';

  constructor(store: LobbyStore, call: Call, onDoubt: () => void) {
    this.#store = store;
    this.#call = call;
    this.#onDoubt = onDoubt;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Sends all that waits, if it is not doing so already. */
  async flush(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      let attempts = 0;
      while (!this.#stopped && this.#store.state.link.phase === 'live') {
        const next = this.#store.state.outbox.find((entry) => entry.failed === undefined);
        if (!next) return;
        try {
          this.#store.dispatch({ type: 'tried', id: next.id });
          const reply = await this.#call(LOBBY_SEND, { clientMessageId: next.id, text: next.text });
          const sentAt = Number(reply.sentAtMs);
          this.#store.dispatch({ type: 'stored', id: next.id, cseq: reply.cseq, sentAt });
          attempts = 0;
        } catch (error) {
          // A new login says for certain whether the stay is over; once it has, this is about the message.
          if (endsTheStay(error) && this.#doubted !== next.id) {
            this.#doubted = next.id;
            this.#onDoubt();
            return;
          }
          // The link is lost: the connection says when to go on. A poll link has no other sign than this.
          if (!(error instanceof Refused)) {
            attempts += 1;
            if (attempts > ATTEMPTS_MAX) return;
            await pause(backoff(attempts, 0, Math.random()));
            continue;
          }
          attempts += 1;
          if (!passes(error) || attempts > ATTEMPTS_MAX) {
            this.#store.dispatch({ type: 'failed', id: next.id, reason: error.message });
            attempts = 0;
          } else {
            await pause(backoff(attempts, error.retryAfterMs, Math.random()));
          }
        }
      }
    } finally {
      this.#running = false;
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
