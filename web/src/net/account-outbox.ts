// Sends what waits for others, one after the other, until each is acknowledged or refused for good.
//
// In come the store's outbox and word that a link is up; out go sends and actions. Invariants: an entry is sent with the
// same id at every attempt; never two at once, so that chats have them in the order they were written.
import { backoff } from '../core/backoff';
import type { AccountStore } from '../core/account/reducer';
import { ContentKind, type SendReply } from '../generated/belfry/v1/belfry_pb';
import { SEND } from '../protocol/account-operations';
import { Refused, passes } from '../protocol/errors';
import type { Call } from '../protocol/operations';

/** A server that keeps failing on one message is not asked for ever. */
const ATTEMPTS_MAX = 8;

export class AccountOutbox {
  #store: AccountStore;
  #call: Call;
  #onSent: (reply: SendReply) => void;
  #running = false;
  #stopped = false;

  constructor(store: AccountStore, call: Call, onSent: (reply: SendReply) => void) {
    this.#store = store;
    this.#call = call;
    this.#onSent = onSent;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Sends all that waits, if it is not doing so already. */
  async flush(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    let attempts = 0;
    try {
      while (!this.#stopped && this.#store.state.link.phase === 'live' && attempts <= ATTEMPTS_MAX) {
        const next = this.#store.state.outbox.find((entry) => entry.failed === undefined);
        if (!next) return;
        const content = { kind: ContentKind.TEXT, text: next.text };
        try {
          const reply = await this.#call(SEND, { to: next.to, clientMessageId: next.id, content });
          const { conversationId: conversation, cseq } = reply;
          this.#store.dispatch({
            type: 'stored',
            id: next.id,
            conversation,
            cseq,
            at: Number(reply.sentAtMs),
          });
          this.#onSent(reply);
          attempts = 0;
        } catch (error) {
          attempts += 1;
          const refused = error instanceof Refused ? error : null;
          if (refused && (!passes(refused) || attempts > ATTEMPTS_MAX)) {
            this.#store.dispatch({ type: 'failed', id: next.id, reason: refused.message });
            attempts = 0;
          } else {
            const ms = backoff(attempts, refused?.retryAfterMs ?? 0, Math.random());
            await new Promise((resolve) => setTimeout(resolve, ms));
          }
        }
      }
    } finally {
      this.#running = false;
    }
  }
}
