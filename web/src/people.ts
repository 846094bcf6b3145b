// What a person can do about others: find, ask, answer, name, block, invite.
//
// In come addresses and words; out go questions to the server, and its answers into the store. Invariant: the page shows
// what the server said, never what was hoped for.
import type { Profile } from './core/account/model';
import type { AccountStore } from './core/account/reducer';
import { type Contact as WireContact, type ContactReply, InviteKind } from './generated/belfry/v1/belfry_pb';
import {
  ACCEPT_CONTACT,
  ACCEPT_INVITE,
  BLOCK,
  CREATE_INVITE,
  FIND,
  REFUSE_CONTACT,
  REMOVE_CONTACT,
  REQUEST_CONTACT,
  SET_CONTACT,
  SET_CONVERSATION,
  UNBLOCK,
  WITHDRAW_CONTACT,
} from './protocol/account-operations';
import type { Call } from './protocol/operations';
import { toContact, toProfile } from './net/convert-account';

export class People {
  #store: AccountStore;
  #call: Call;

  constructor(store: AccountStore, call: Call) {
    this.#store = store;
    this.#call = call;
  }

  /** By an address, the part before its @, or a phone number with a plus. */
  async find(query: string): Promise<Profile | null> {
    const { profile } = await this.#call(FIND, { query });
    if (!profile) return null;
    const found = toProfile(profile);
    this.#store.dispatch({ type: 'profiles', profiles: [found] });
    return found;
  }

  async request(address: string, note: string): Promise<void> {
    this.#done(await this.#call(REQUEST_CONTACT, { address, note }));
  }

  async accept(address: string): Promise<void> {
    this.#done(await this.#call(ACCEPT_CONTACT, { address }));
  }

  async refuse(address: string): Promise<void> {
    this.#done(await this.#call(REFUSE_CONTACT, { address }));
  }

  async withdraw(address: string): Promise<void> {
    this.#done(await this.#call(WITHDRAW_CONTACT, { address }));
  }

  async remove(address: string): Promise<void> {
    this.#done(await this.#call(REMOVE_CONTACT, { address }));
  }

  async put(address: string, name: string, labels: string[]): Promise<void> {
    this.#done(await this.#call(SET_CONTACT, { address, name, labels }));
  }

  async block(address: string): Promise<void> {
    this.#done(await this.#call(BLOCK, { address }));
  }

  async unblock(address: string): Promise<void> {
    this.#done(await this.#call(UNBLOCK, { address }));
  }

  /** Messages of this stranger are wanted. */
  async hear(peer: string): Promise<void> {
    const { settings } = await this.#call(SET_CONVERSATION, { peer, accepted: true });
    if (!settings) return;
    const { conversationId: id, request } = settings;
    this.#store.dispatch({ type: 'settings', peer, id, request });
  }

  /** A link that makes who follows it a contact; with `signUp` also who has no account yet. */
  async invite(signUp: boolean): Promise<string> {
    const kind = signUp ? InviteKind.SIGN_UP : InviteKind.CONTACT;
    const { token } = await this.#call(CREATE_INVITE, { kind });
    // The page knows best where it is reached: the server may stand behind another name.
    return `${location.origin}/i/${token}`;
  }

  /** Becomes a contact of who gave the invitation, and gives their address. */
  async acceptInvite(token: string): Promise<string> {
    return this.#done(await this.#call(ACCEPT_INVITE, { token }));
  }

  #done(reply: ContactReply): string {
    const contact: WireContact | undefined = reply.contact;
    if (contact) this.#store.dispatch({ type: 'contact', contact: toContact(contact) });
    return contact?.address ?? '';
  }
}
