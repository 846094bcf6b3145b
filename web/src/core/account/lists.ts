// The lists that a person sees: contacts in groups, requests of both directions, who is blocked, chats.
//
// In comes an account's state; out go sorted lists. Invariant: everybody stands in exactly one of contacts, sent
// requests and blocked, but for contacts with several labels, who stand under each; a request that came stands by itself.
import type { AccountState, Chat, Contact, DirectMessage } from './model';

export interface Group {
  /** Empty: those without a label. */
  label: string;
  contacts: Contact[];
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

/** What somebody is called here: as one has named them, else as they call themselves, else by their address. */
export function nameOf(state: AccountState, address: string): string {
  const profile = state.profiles.get(address)?.name;
  return state.contacts.get(address)?.name || profile || localPart(address);
}

export function localPart(address: string): string {
  const at = address.indexOf('@');
  return at > 0 ? address.slice(0, at) : address;
}

export function isContact(contact: Contact | undefined): boolean {
  return contact !== undefined && contact.listed && !contact.blocked && !isAskedOnly(contact);
}

/** Whether asking them to be a contact makes sense. */
export function mayAsk(contact: Contact | undefined): boolean {
  if (!contact) return true;
  return !contact.to && !contact.asks && !contact.blocked && contact.request === null;
}

function isAskedOnly(contact: Contact): boolean {
  return contact.asks && !contact.to && !contact.from;
}

export function contactGroups(state: AccountState): Group[] {
  const groups = new Map<string, Contact[]>();
  for (const contact of sorted(state, isContact)) {
    for (const label of contact.labels.length > 0 ? contact.labels : ['']) {
      groups.set(label, [...(groups.get(label) ?? []), contact]);
    }
  }
  return [...groups]
    .sort(([a], [b]) => Number(a === '') - Number(b === '') || collator.compare(a, b))
    .map(([label, contacts]) => ({ label, contacts }));
}

/** Who asks to be a contact, the latest first. */
export function incoming(state: AccountState): Contact[] {
  return [...state.contacts.values()]
    .filter((contact) => contact.request !== null && !contact.blocked)
    .sort((a, b) => (b.request?.at ?? 0) - (a.request?.at ?? 0));
}

export function sentRequests(state: AccountState): Contact[] {
  return sorted(state, (contact) => !contact.blocked && isAskedOnly(contact));
}

export function blocked(state: AccountState): Contact[] {
  return sorted(state, (contact) => contact.blocked);
}

/** All labels in use. */
export function labels(state: AccountState): string[] {
  const all = new Set([...state.contacts.values()].flatMap((contact) => contact.labels));
  return [...all].sort(collator.compare);
}

/** From a stranger who waits to be heard. */
export function isRequest(state: AccountState, chat: Chat): boolean {
  return chat.request && !(state.contacts.get(chat.peer)?.listed ?? false);
}

/** The chats with people one wants to hear, the latest first; or those with strangers who wait to be heard. */
export function chatList(state: AccountState, requests: boolean): Chat[] {
  const shown = (chat: Chat) => {
    if (chat.lastCseq === 0n && !state.outbox.some((entry) => entry.to === chat.peer)) return false;
    const blocks = state.contacts.get(chat.peer)?.blocked ?? false;
    return requests ? isRequest(state, chat) && !blocks : !isRequest(state, chat);
  };
  return [...state.chats.values()].filter(shown).sort((a, b) => activeAt(state, b) - activeAt(state, a));
}

/** How many chats have something new; requests are not counted. */
export function unreadChats(state: AccountState): number {
  return chatList(state, false).filter((chat) => chat.unread > 0).length;
}

/** The newest thing said in a chat, sent or not. */
export function lastOf(state: AccountState, chat: Chat): { text: string; mine: boolean; at: number } | null {
  const waiting = state.outbox.filter((entry) => entry.to === chat.peer).at(-1);
  if (waiting) return { text: waiting.text, mine: true, at: waiting.at };
  const last: DirectMessage | undefined = chat.messages.at(-1);
  if (!last) return null;
  return { text: last.recalled ? 'Message recalled' : last.text, mine: last.mine, at: last.at };
}

function activeAt(state: AccountState, chat: Chat): number {
  return Math.max(chat.activeAt, lastOf(state, chat)?.at ?? 0);
}

function sorted(state: AccountState, wanted: (contact: Contact) => boolean): Contact[] {
  return [...state.contacts.values()]
    .filter(wanted)
    .sort((a, b) => collator.compare(nameOf(state, a.address), nameOf(state, b.address)));
}
