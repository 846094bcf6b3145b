// The nouns of the page: what the lobby looks like from one tab.
//
// Only types and the empty state. Invariant of State: `messages` is sorted by cseq without doubles; `cursor` is the last
// cseq up to which the server has told everything, and it alone is handed back in polls.

export interface Person {
  name: string;
  account: boolean;
}

export interface ChatMessage {
  /** Its number in the lobby; the order to show. */
  cseq: bigint;
  name: string;
  account: boolean;
  text: string;
  sentAt: number;
  /** The id this tab gave it, if this tab sent it. */
  localId?: string;
  /** Known for sure, as between accounts; absent: see `isMine`. */
  own?: boolean;
  /** How far one's own has got; absent: it is stored. */
  tick?: Tick;
}

/** How far a message of one's own has got with the other side. */
export type Tick = 'stored' | 'delivered' | 'read' | 'undelivered';

/** One's own message that the server has not acknowledged. */
export interface Pending {
  id: string;
  text: string;
  at: number;
  /** The last cseq known when it was first handed to the server; absent: it never was. */
  tried?: bigint;
  /** Why the server will not have it; absent while it is on its way. */
  failed?: string;
  /** The message that came back from the lobby and is most likely this one. */
  echo?: bigint;
}

/** A stretch of the lobby during which one's name was one's own; `to` is null while it lasts. */
export interface Stay {
  from: bigint;
  to: bigint | null;
}

/** People came and went after a message. Not part of the history: only those who were there see it. */
export interface Notice {
  after: bigint;
  joined: string[];
  left: string[];
}

export type Link =
  | { phase: 'connecting' }
  | { phase: 'live'; by: 'socket' | 'poll' }
  /** `retryAt` is null while there is no network at all. */
  | { phase: 'waiting'; attempt: number; retryAt: number | null }
  /** The stay goes on in another tab. */
  | { phase: 'elsewhere' };

export interface State {
  me: string;
  stays: Stay[];
  textMax: number;
  people: Person[];
  peopleVersion: bigint;
  messages: ChatMessage[];
  cursor: bigint;
  /** Whether the newest page of the history is here. */
  loaded: boolean;
  older: 'more' | 'loading' | 'failed' | 'end';
  outbox: Pending[];
  notices: Notice[];
  link: Link;
}

export function emptyState(me: string): State {
  return {
    me,
    stays: [],
    textMax: 140,
    people: [],
    peopleVersion: 0n,
    messages: [],
    cursor: 0n,
    loaded: false,
    older: 'more',
    outbox: [],
    notices: [],
    link: { phase: 'connecting' },
  };
}

/** Whether a message was written by this tab, as far as it can know. */
export function isMine(state: State, message: ChatMessage): boolean {
  if (message.own !== undefined) return message.own;
  if (message.localId !== undefined) return true;
  if (message.name !== state.me) return false;
  return state.stays.some(
    (stay) => message.cseq > stay.from && (stay.to === null || message.cseq <= stay.to),
  );
}
