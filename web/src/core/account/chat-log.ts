// A chat as the log shows it.
//
// In come a chat and what waits to be sent to it; out goes the state of a log. Invariant: a chat that has not changed
// gives the very same state, so that nothing is drawn anew.
import { type ChatMessage, type Pending, type State, type Tick, emptyState } from '../model';
import type { AccountState, Chat, DirectMessage, Outgoing } from './model';
import { nameOf } from './lists';

const RECALLED = 'This message was taken back.';

export class ChatLog {
  #chat: Chat | null = null;
  #outbox: Outgoing[] | null = null;
  #name = '';
  #state: State = emptyState('');

  of(account: AccountState, chat: Chat): State {
    const name = nameOf(account, chat.peer);
    const changed = chat !== this.#chat || name !== this.#name;
    const messages = changed
      ? chat.messages.map((message) => shown(account, chat, message, name))
      : this.#state.messages;
    const outbox =
      account.outbox === this.#outbox
        ? this.#state.outbox
        : account.outbox.filter(to(chat.peer)).map(pending);
    if (!changed && outbox === this.#state.outbox) return this.#state;
    this.#chat = chat;
    this.#outbox = account.outbox;
    this.#name = name;
    this.#state = {
      ...this.#state,
      me: account.me,
      messages,
      outbox,
      loaded: chat.loaded,
      older: chat.older,
    };
    return this.#state;
  }
}

const to = (peer: string) => (entry: Outgoing) => entry.to === peer;

function shown(account: AccountState, chat: Chat, message: DirectMessage, name: string): ChatMessage {
  return {
    cseq: message.cseq,
    name: message.mine ? account.me : name,
    account: false,
    text: message.recalled ? RECALLED : message.text,
    sentAt: message.at,
    own: message.mine,
    ...(message.mine ? { tick: tickOf(chat, message.cseq) } : {}),
    ...(message.clientId ? { localId: message.clientId } : {}),
  };
}

export function tickOf(chat: Chat, cseq: bigint): Tick {
  if (chat.undelivered.some(([first, last]) => cseq >= first && cseq <= last)) return 'undelivered';
  if (cseq <= chat.readByPeer) return 'read';
  return cseq <= chat.delivered ? 'delivered' : 'stored';
}

function pending(entry: Outgoing): Pending {
  return {
    id: entry.id,
    text: entry.text,
    at: entry.at,
    ...(entry.failed === undefined ? {} : { failed: entry.failed }),
  };
}
