// What happens to an account's state: one pure function from a state and an action to the next state.
//
// In come what the server tells and what the person does; out goes a new State. Invariants: those of model.ts; nothing
// leaves the outbox but by an acknowledgement, its own event or the person's wish.
import type { Link } from '../model';
import { Store } from '../store';
import { type ChatAction, reduceChats } from './chats';
import type { AccountState, Availability, Contact, Outgoing, Presence, Privacy, Profile } from './model';

export type AccountAction =
  | ChatAction
  /** All contacts. */
  | { type: 'contacts'; contacts: Contact[] }
  | { type: 'contact'; contact: Contact }
  | { type: 'presences'; presences: [string, Presence][] }
  | { type: 'profiles'; profiles: Profile[] }
  | { type: 'picture'; id: string; url: string }
  | { type: 'privacy'; privacy: Privacy }
  | { type: 'shown'; shown: Availability }
  | { type: 'restored'; outbox: Outgoing[]; profiles: Profile[]; shown: Availability }
  | { type: 'ready' }
  | { type: 'link'; link: Link };

/** Holds an account's state. */
export class AccountStore extends Store<AccountState, AccountAction> {
  constructor(initial: AccountState) {
    super(initial, reduceAccount);
  }
}

export function reduceAccount(state: AccountState, action: AccountAction): AccountState {
  switch (action.type) {
    case 'contacts': {
      const there = action.contacts.filter((contact) => !isNothing(contact));
      return { ...state, contacts: new Map(there.map((contact) => [contact.address, contact])) };
    }
    case 'contact':
      return withContact(state, action.contact);
    case 'presences':
      return { ...state, presences: new Map([...state.presences, ...action.presences]) };
    case 'profiles':
      return { ...state, profiles: withProfiles(state, action.profiles) };
    case 'picture':
      return { ...state, pictures: new Map(state.pictures).set(action.id, action.url) };
    case 'privacy':
      return { ...state, privacy: action.privacy };
    case 'shown':
      return state.shown === action.shown ? state : { ...state, shown: action.shown };
    case 'restored':
      return {
        ...state,
        outbox: action.outbox,
        profiles: withProfiles(state, action.profiles),
        shown: action.shown,
      };
    case 'ready':
      return state.ready ? state : { ...state, ready: true };
    case 'link':
      return withLink(state, action.link);
    default:
      return reduceChats(state, action);
  }
}

/** A contact in which nothing is set was removed; who is blocked or gone is not seen any longer. */
function withContact(state: AccountState, contact: Contact): AccountState {
  const contacts = new Map(state.contacts);
  if (isNothing(contact)) contacts.delete(contact.address);
  else contacts.set(contact.address, contact);
  if (contact.to && !contact.blocked) return { ...state, contacts };
  const presences = new Map(state.presences);
  presences.delete(contact.address);
  return { ...state, contacts, presences };
}

/** Without a link nobody knows who is there. */
function withLink(state: AccountState, link: Link): AccountState {
  if (link.phase === 'live' || state.presences.size === 0) return { ...state, link };
  const gone = link.phase === 'waiting' || link.phase === 'elsewhere';
  return gone ? { ...state, link, presences: new Map() } : { ...state, link };
}

function withProfiles(state: AccountState, profiles: Profile[]): ReadonlyMap<string, Profile> {
  return new Map([
    ...state.profiles,
    ...profiles.map((profile): [string, Profile] => [profile.address, profile]),
  ]);
}

export function isNothing(contact: Contact): boolean {
  const { name, labels, listed, to, from, asks, request, blocked } = contact;
  const flags = listed || to || from || asks || blocked;
  return !flags && request === null && name === '' && labels.length === 0;
}
