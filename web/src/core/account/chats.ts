// What happens to the chats of an account.
//
// In come messages, receipts, marks and settings as the server tells them, and what the person writes; out goes a new
// State. Invariants: each message is shown once, whichever of its acknowledgement and its event comes first; ticks and
// marks only move forward.
import { type AccountState, type Chat, type DirectMessage, type Outgoing, emptyChat } from './model';

export type ChatAction =
  | { type: 'snapshot'; chats: Chat[] }
  /** A message that was told; its text is null where this device has it. */
  | { type: 'message'; peer: string; id: bigint; message: DirectMessage; text: string | null }
  | { type: 'amended'; id: bigint; cseq: bigint; text: string | null; recalled: boolean }
  | { type: 'hidden'; id: bigint; cseq: bigint }
  | { type: 'receipt'; peer: string; delivered: bigint; read: bigint; undelivered: [bigint, bigint][] }
  | { type: 'mark'; id: bigint; read: bigint }
  | { type: 'settings'; peer: string; id: bigint; request: boolean }
  | { type: 'page'; peer: string; id: bigint; messages: DirectMessage[]; more: boolean; newest: boolean }
  | { type: 'older'; peer: string; older: Chat['older'] }
  | { type: 'typing'; peer: string; until: number }
  | { type: 'queued'; message: Outgoing }
  | { type: 'stored'; id: string; conversation: bigint; cseq: bigint; at: number }
  | { type: 'failed'; id: string; reason: string }
  | { type: 'again'; id: string }
  | { type: 'discarded'; id: string };

export function reduceChats(state: AccountState, action: ChatAction): AccountState {
  switch (action.type) {
    case 'snapshot':
      return { ...state, chats: new Map(action.chats.map((chat) => [chat.peer, chat])) };
    case 'message':
      return told(state, action);
    case 'amended':
      return byId(state, action.id, (chat) => ({
        ...chat,
        messages: chat.messages.map((message) => {
          if (message.cseq !== action.cseq) return message;
          const text = action.recalled ? '' : (action.text ?? message.text);
          return { ...message, text, recalled: action.recalled };
        }),
      }));
    case 'hidden':
      return byId(state, action.id, (chat) => ({
        ...chat,
        messages: chat.messages.filter((message) => message.cseq !== action.cseq),
      }));
    case 'receipt':
      return change(state, action.peer, (chat) => ({
        ...chat,
        delivered: max(chat.delivered, action.delivered),
        readByPeer: max(chat.readByPeer, action.read),
        undelivered: action.undelivered,
      }));
    case 'mark':
      return byId(state, action.id, (chat) => marked(chat, action.read));
    case 'settings':
      return change(state, action.peer, (chat) => ({ ...chat, id: action.id, request: action.request }));
    case 'page':
      return change(state, action.peer, (chat) => page(chat, action));
    case 'older':
      return change(state, action.peer, (chat) => ({ ...chat, older: action.older }));
    case 'typing':
      return change(state, action.peer, (chat) => ({ ...chat, typingUntil: action.until }));
    case 'queued':
      return change(
        { ...state, outbox: [...state.outbox, action.message] },
        action.message.to,
        (chat) => chat,
      );
    case 'stored':
      return stored(state, action);
    case 'failed':
      return outgoing(state, action.id, (message) => ({ ...message, failed: action.reason }));
    case 'again':
      return outgoing(state, action.id, ({ failed: _, ...message }) => message);
    case 'discarded':
      return without(state, action.id);
  }
}

type Told = Extract<ChatAction, { type: 'message' }>;

function told(state: AccountState, { peer, id, message, text }: Told): AccountState {
  const waiting = state.outbox.find((entry) => message.mine && entry.id === message.clientId);
  const known = state.chats.get(peer)?.messages.some((have) => have.cseq === message.cseq) ?? false;
  if (known && text === null) return waiting ? without(state, waiting.id) : state;
  const whole = { ...message, text: text ?? waiting?.text ?? '' };
  const next = waiting ? without(state, waiting.id) : state;
  return change(next, peer, (chat) => withNewest({ ...chat, id }, whole));
}

function withNewest(chat: Chat, message: DirectMessage): Chat {
  const news = message.cseq > chat.lastCseq;
  const next: Chat = {
    ...chat,
    messages: merge(chat.messages, [message]),
    // No event says that a first message is a stranger's: whether it is, the list of contacts says.
    request: chat.request || (chat.lastCseq === 0n && message.cseq === 1n && !message.mine),
    activeAt: news ? message.at : chat.activeAt,
    lastCseq: max(chat.lastCseq, message.cseq),
  };
  // Who writes has read what was there, and wants to be heard.
  if (message.mine) return marked({ ...next, request: false }, max(next.readCseq, message.cseq));
  const unread = news && message.cseq > chat.readCseq ? chat.unread + 1 : chat.unread;
  return { ...next, unread, typingUntil: 0 };
}

function marked(chat: Chat, read: bigint): Chat {
  if (read < chat.readCseq) return chat;
  const unread =
    read >= chat.lastCseq
      ? 0
      : Math.min(
          chat.unread,
          chat.messages.filter((message) => !message.mine && message.cseq > read).length || chat.unread,
        );
  return { ...chat, readCseq: read, unread };
}

function page(chat: Chat, { id, messages, more, newest }: Extract<ChatAction, { type: 'page' }>): Chat {
  const merged = merge(chat.messages, messages);
  const last = merged.at(-1);
  return {
    ...chat,
    id: id === 0n ? chat.id : id,
    messages: merged,
    loaded: chat.loaded || newest,
    older: more && messages.length > 0 ? 'more' : 'end',
    lastCseq: max(chat.lastCseq, last?.cseq ?? 0n),
    activeAt: chat.activeAt || (last?.at ?? 0),
  };
}

function stored(state: AccountState, action: Extract<ChatAction, { type: 'stored' }>): AccountState {
  const entry = state.outbox.find((message) => message.id === action.id);
  if (!entry) return state;
  const message: DirectMessage = {
    cseq: action.cseq,
    mine: true,
    text: entry.text,
    at: action.at,
    recalled: false,
    clientId: action.id,
  };
  return change(without(state, action.id), entry.to, (chat) =>
    withNewest({ ...chat, id: action.conversation, request: false }, message),
  );
}

function outgoing(state: AccountState, id: string, to: (message: Outgoing) => Outgoing): AccountState {
  return { ...state, outbox: state.outbox.map((entry) => (entry.id === id ? to(entry) : entry)) };
}

function without(state: AccountState, id: string): AccountState {
  return { ...state, outbox: state.outbox.filter((entry) => entry.id !== id) };
}

function change(state: AccountState, peer: string, to: (chat: Chat) => Chat): AccountState {
  const before = state.chats.get(peer) ?? emptyChat(peer);
  return { ...state, chats: new Map(state.chats).set(peer, to(before)) };
}

function byId(state: AccountState, id: bigint, to: (chat: Chat) => Chat): AccountState {
  const chat = [...state.chats.values()].find((candidate) => candidate.id === id);
  return chat ? change(state, chat.peer, to) : state;
}

/** Both lists in one, by cseq, each message once; the newer telling wins. */
export function merge(have: DirectMessage[], come: DirectMessage[]): DirectMessage[] {
  if (come.length === 0) return have;
  const byCseq = new Map(have.map((message) => [message.cseq, message]));
  for (const message of come) {
    const clientId = message.clientId || byCseq.get(message.cseq)?.clientId || '';
    byCseq.set(message.cseq, { ...message, clientId });
  }
  return [...byCseq.values()].sort((a, b) => (a.cseq < b.cseq ? -1 : a.cseq > b.cseq ? 1 : 0));
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
