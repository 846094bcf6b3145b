// The nouns of the signed-in half: an account, the people it knows, and what it says to them.
//
// Only types and the empty state. Invariants: `contacts`, `presences`, `profiles` and `chats` are by address; the
// messages of a chat are sorted by cseq without doubles; no map is ever changed in place.
import type { Link } from '../model';

export type Availability = 'online' | 'away' | 'busy' | 'offline';

/** How somebody is there. */
export interface Presence {
  availability: Availability;
  /** What they say with it; may be empty. */
  status: string;
  /** When they were there last; 0: not known. */
  lastSeen: number;
}

/** How one stands to somebody. */
export interface Contact {
  address: string;
  /** What one calls them; empty: by their own name. */
  name: string;
  labels: string[];
  listed: boolean;
  /** One is told whether they are there. */
  to: boolean;
  /** They are told whether one is there. */
  from: boolean;
  /** One has asked them and has no answer. */
  asks: boolean;
  /** They ask; null: they do not. */
  request: { at: number; note: string } | null;
  blocked: boolean;
}

/** What somebody shows of themselves. */
export interface Profile {
  address: string;
  name: string;
  about: string;
  /** Names the picture; empty: there is none. */
  pictureId: string;
}

export type Audience = 'everyone' | 'contacts' | 'nobody';

export interface Privacy {
  readReceipts: Audience;
  lastSeen: Audience;
  picture: Audience;
  about: Audience;
  foundByPhone: Audience;
}

export interface DirectMessage {
  cseq: bigint;
  mine: boolean;
  text: string;
  at: number;
  recalled: boolean;
  /** The id that this device gave it; empty: it came from elsewhere. */
  clientId: string;
}

export interface Chat {
  peer: string;
  /** The conversation; 0 before the first message. */
  id: bigint;
  activeAt: number;
  /** The number of the newest message, whether or not it is here. */
  lastCseq: bigint;
  messages: DirectMessage[];
  /** Whether the newest page is here. */
  loaded: boolean;
  older: 'more' | 'loading' | 'failed' | 'end';
  unread: number;
  /** How far one has read oneself. */
  readCseq: bigint;
  /** How far the other side has got. */
  delivered: bigint;
  readByPeer: bigint;
  /** Stretches that the other side never had. */
  undelivered: [bigint, bigint][];
  /** Never answered: if the other side is in no list of one's own, it waits to be heard (see `isRequest`). */
  request: boolean;
  /** The other side is writing, until then; 0: it is not. */
  typingUntil: number;
}

/** One's own message that the server has not acknowledged. */
export interface Outgoing {
  id: string;
  to: string;
  text: string;
  at: number;
  /** Why the server will not have it; absent while it is on its way. */
  failed?: string;
}

export interface AccountState {
  /** One's own address. */
  me: string;
  privacy: Privacy | null;
  /** How one wants to be shown; `online`: away while one does not look at the page. */
  shown: Availability;
  contacts: ReadonlyMap<string, Contact>;
  presences: ReadonlyMap<string, Presence>;
  profiles: ReadonlyMap<string, Profile>;
  /** Addresses in the page of pictures that were fetched, by what names them. */
  pictures: ReadonlyMap<string, string>;
  chats: ReadonlyMap<string, Chat>;
  outbox: Outgoing[];
  /** Whether the lists are here. */
  ready: boolean;
  link: Link;
}

export function emptyAccount(me: string): AccountState {
  return {
    me,
    privacy: null,
    shown: 'online',
    contacts: new Map(),
    presences: new Map(),
    profiles: new Map(),
    pictures: new Map(),
    chats: new Map(),
    outbox: [],
    ready: false,
    link: { phase: 'connecting' },
  };
}

export function emptyChat(peer: string): Chat {
  return {
    peer,
    id: 0n,
    activeAt: 0,
    lastCseq: 0n,
    messages: [],
    loaded: false,
    older: 'more',
    unread: 0,
    readCseq: 0n,
    delivered: 0n,
    readByPeer: 0n,
    undelivered: [],
    request: false,
    typingUntil: 0,
  };
}

export function stranger(address: string): Contact {
  return {
    address,
    name: '',
    labels: [],
    listed: false,
    to: false,
    from: false,
    asks: false,
    request: null,
    blocked: false,
  };
}
