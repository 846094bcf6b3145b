// What happens to the lobby's state: one pure function from a state and an action to the next state.
//
// In come the server's answers and what the person does; out goes a new State. Invariants: those of model.ts; a message
// is never shown twice, whichever of its acknowledgement and its echo comes first; nothing leaves the outbox but by an
// acknowledgement, an echo or the person's wish.
import { type ChatMessage, type Link, type Pending, type Person, type State, emptyState } from './model';
import { withNotice } from './notices';
import { Store } from './store';

export type Action =
  | { type: 'joined'; name: string; joined: Joined }
  | { type: 'restored'; name: string; stays: State['stays']; outbox: Pending[]; textMax: number }
  | { type: 'newest'; messages: ChatMessage[]; more: boolean }
  | { type: 'older'; messages: ChatMessage[]; more: boolean }
  | { type: 'older-state'; older: State['older'] }
  | { type: 'update'; update: Update }
  | { type: 'queued'; id: string; text: string; at: number }
  | { type: 'tried'; id: string }
  | { type: 'stored'; id: string; cseq: bigint; sentAt: number }
  | { type: 'failed'; id: string; reason: string }
  | { type: 'again'; id: string }
  | { type: 'discarded'; id: string }
  | { type: 'caught-up' }
  | { type: 'link'; link: Link };

/** Holds the lobby's state. */
export class LobbyStore extends Store<State, Action> {
  constructor(initial: State) {
    super(initial, reduce);
  }
}

export interface Joined {
  people: Person[];
  peopleVersion: bigint;
  messages: ChatMessage[];
  cursor: bigint;
  more: boolean;
  textMax: number;
}

export interface Update {
  messages: ChatMessage[];
  cursor: bigint;
  /** Null: unchanged. */
  people: Person[] | null;
  peopleVersion: bigint;
  /** Messages before these are lost to this reader. */
  gap: boolean;
}

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'joined':
      return joined(state, action.name, action.joined);
    case 'restored':
      return {
        ...emptyState(action.name),
        stays: action.stays,
        outbox: action.outbox,
        textMax: action.textMax,
      };
    case 'newest': {
      const messages = merge(state.messages, action.messages);
      const last = action.messages.at(-1)?.cseq ?? 0n;
      // With nothing known so far, the cursor may start here; later it only moves by updates.
      const cursor = state.loaded || state.cursor > last ? state.cursor : last;
      return settle({ ...state, messages, cursor, loaded: true, older: action.more ? 'more' : 'end' });
    }
    case 'older': {
      const more = action.more && action.messages.length > 0;
      return { ...state, messages: merge(state.messages, action.messages), older: more ? 'more' : 'end' };
    }
    case 'older-state':
      return state.older === action.older ? state : { ...state, older: action.older };
    case 'update':
      return updated(state, action.update);
    case 'queued':
      return {
        ...state,
        outbox: [...state.outbox, { id: action.id, text: action.text, at: action.at }],
      };
    case 'tried':
      return withPending(state, action.id, (pending) => ({
        ...pending,
        tried: pending.tried ?? lastKnown(state),
      }));
    case 'stored':
      return stored(state, action.id, action.cseq, action.sentAt);
    case 'failed':
      return withPending(forgetEcho(state, action.id), action.id, (pending) => ({
        ...pending,
        failed: action.reason,
      }));
    case 'again':
      return withPending(state, action.id, ({ failed: _, ...pending }) => pending);
    case 'discarded':
      return { ...state, outbox: state.outbox.filter((pending) => pending.id !== action.id) };
    case 'caught-up':
      // After a stay was taken anew everything that the old one stored has been told: what came back is stored.
      // Under the new stay its id would mean nothing, so it must not be sent again.
      return { ...state, outbox: state.outbox.filter((pending) => pending.echo === undefined) };
    case 'link':
      return { ...state, link: action.link };
  }
}

function joined(state: State, name: string, joined: Joined): State {
  const again = state.me === name && state.messages.length > 0;
  const stays = [
    ...(state.me === name ? state.stays : []).map((stay) => ({ ...stay, to: stay.to ?? state.cursor })),
    { from: joined.cursor, to: null },
  ];
  const outbox = state.outbox;
  const common = { stays, textMax: joined.textMax, outbox, link: state.link };
  if (again) {
    // The same name, taken anew after the stay had lapsed: what was missed comes with the next poll, from the old
    // cursor, so that the log has no hole.
    return { ...state, ...common };
  }
  return {
    ...emptyState(name),
    ...common,
    people: joined.people,
    peopleVersion: joined.peopleVersion,
    messages: merge([], joined.messages),
    cursor: joined.cursor,
    loaded: true,
    older: joined.more ? 'more' : 'end',
  };
}

function updated(state: State, update: Update): State {
  const base: State = update.gap
    ? { ...state, messages: [], notices: [], loaded: false, cursor: 0n, older: 'more' }
    : state;
  let next: State = {
    ...base,
    messages: merge(base.messages, update.messages),
    cursor: update.cursor > base.cursor ? update.cursor : base.cursor,
  };
  next = settle(next);
  if (update.people === null) return next;
  const before = state.peopleVersion === 0n ? null : state.people;
  const after = update.people;
  return {
    ...next,
    people: after,
    peopleVersion: update.peopleVersion,
    notices: before === null ? next.notices : withNotice(next, before, after),
  };
}

/** Pairs messages that came from the lobby with what is on its way there, so that they are not shown twice. */
function settle(state: State): State {
  const waiting = state.outbox.filter(
    (p) => p.tried !== undefined && p.failed === undefined && p.echo === undefined,
  );
  if (waiting.length === 0) return state;
  const echoes = new Map<string, bigint>();
  const messages = state.messages.map((message) => {
    if (message.localId !== undefined || message.name !== state.me) return message;
    // Only what came after the first attempt can be its echo. The clocks differ, so the cseq says what is after.
    const match = waiting.find(
      (p) => message.cseq > (p.tried ?? 0n) && !echoes.has(p.id) && sameText(p.text, message.text),
    );
    if (!match) return message;
    echoes.set(match.id, message.cseq);
    return { ...message, localId: match.id };
  });
  if (echoes.size === 0) return state;
  const outbox = state.outbox.map((pending) => {
    const echo = echoes.get(pending.id);
    return echo === undefined ? pending : { ...pending, echo };
  });
  return { ...state, messages, outbox };
}

function stored(state: State, id: string, cseq: bigint, sentAt: number): State {
  const pending = state.outbox.find((p) => p.id === id);
  if (!pending) return state;
  const known = pending.echo === cseq ? state : forgetEcho(state, id);
  const outbox = known.outbox.filter((p) => p.id !== id);
  const own: ChatMessage = {
    cseq,
    name: state.me,
    account: false,
    text: pending.text.trim(),
    sentAt,
    localId: id,
  };
  const there = known.messages.find((message) => message.cseq === cseq);
  if (there) {
    const messages = known.messages.map((m) => (m.cseq === cseq ? { ...m, localId: id } : m));
    return { ...known, messages, outbox };
  }
  return { ...known, messages: merge(known.messages, [own]), outbox };
}

function forgetEcho(state: State, id: string): State {
  if (!state.outbox.some((p) => p.id === id && p.echo !== undefined)) return state;
  return {
    ...state,
    outbox: state.outbox.map((pending) => {
      if (pending.id !== id) return pending;
      const { echo: _, ...rest } = pending;
      return rest;
    }),
    messages: state.messages.map((message) => {
      if (message.localId !== id) return message;
      const { localId: _, ...rest } = message;
      return rest;
    }),
  };
}

function withPending(state: State, id: string, change: (pending: Pending) => Pending): State {
  return { ...state, outbox: state.outbox.map((p) => (p.id === id ? change(p) : p)) };
}

function lastKnown(state: State): bigint {
  const last = state.messages.at(-1)?.cseq ?? 0n;
  return last > state.cursor ? last : state.cursor;
}

function sameText(a: string, b: string): boolean {
  return a.normalize('NFC').trim() === b.normalize('NFC').trim();
}

/** Both lists in one, by cseq, each message once. The newer telling wins but for the local id. */
export function merge(have: ChatMessage[], come: ChatMessage[]): ChatMessage[] {
  if (come.length === 0) return have;
  const byCseq = new Map(have.map((message) => [message.cseq, message]));
  for (const message of come) {
    const localId = byCseq.get(message.cseq)?.localId;
    byCseq.set(message.cseq, localId === undefined ? message : { ...message, localId });
  }
  return [...byCseq.values()].sort((a, b) => (a.cseq < b.cseq ? -1 : a.cseq > b.cseq ? 1 : 0));
}
