// An account's place in its timeline, and everything that comes along it.
//
// In come answers to syncs and what is told; out go actions for the store. Invariants: nothing is taken that does not
// begin where the last telling ended; what is missing is asked for, one question at a time; only what was taken is
// acknowledged.
import { fromBinary } from '@bufbuild/protobuf';
import { type KeyValue, isBehind, sameKey, wasTaken } from '../core/account/sync-key';
import type { AccountStore } from '../core/account/reducer';
import {
  type Event,
  type Notify,
  NotifySchema,
  type SyncKey,
  type SyncReply,
} from '../generated/belfry/v1/belfry_pb';
import { backoff } from '../core/backoff';
import { ACK, GET_PRIVACY, GET_PROFILE, LIST_CONTACTS, SYNC } from '../protocol/account-operations';
import { Refused, passes } from '../protocol/errors';
import type { Call } from '../protocol/operations';
import { toAction, toChat, toContact, toPrivacy, toProfile } from './convert-account';
import { post } from './http';

/** So many conversations are asked for at first. */
const CHATS = 100;
const CONTACTS_PAGE = 500;
const HOLD_MS = 50_000;
/** A message is acknowledged within this time, for its sender waits for the tick; so many make one. */
const ACK_MESSAGES_MS = 100;
/** What nobody waits to hear of is acknowledged within this time, or with the next message. */
const ACK_REST_MS = 5_000;

type Key = KeyValue[];

export class Timeline {
  #store: AccountStore;
  #call: Call;
  /** Null: nothing is known yet. */
  #key: Key | null = null;
  /** Contacts, the own profile and privacy are still to be asked for. */
  #listsMissing = false;
  #asking = false;
  /** What was told while something was asked for. */
  #waiting: Notify[] = [];
  /** Each poll acknowledges what came before it. */
  #polls = false;
  #ack: { timer: ReturnType<typeof setTimeout>; due: number } | undefined;

  constructor(store: AccountStore, call: Call) {
    this.#store = store;
    this.#call = call;
  }

  /** Catches up. With `subscribe` the link is told what comes from then on. */
  async begin(subscribe: boolean): Promise<void> {
    this.#waiting = [];
    this.#polls = !subscribe;
    await this.#exclusive(async () => {
      if (this.#key === null) await this.#snapshot(subscribe);
      else await this.#catchUp(subscribe);
      if (this.#listsMissing) await this.#lists();
    });
  }

  /** Takes what was told, in its turn. */
  told(body: Uint8Array, onFailed: () => void): void {
    this.#waiting.push(fromBinary(NotifySchema, body));
    void this.#drain().catch(onFailed);
  }

  /** One's own message is in the timeline between these two places. */
  passed(previous: SyncKey | undefined, key: SyncKey | undefined): void {
    if (!previous || !key || this.#key === null || this.#asking) return;
    if (sameKey(previous.list, this.#key)) this.#go(key);
  }

  /** Waits over HTTP for what comes next; acknowledges what came before. */
  async poll(token: string, signal: AbortSignal): Promise<void> {
    const request = { key: { list: this.#key ?? [] }, waitMs: HOLD_MS, acknowledge: true };
    this.#take(await post(SYNC, request, { token, holdMs: HOLD_MS, signal }));
    if (this.#key === null) await this.#exclusive(() => this.#snapshot(false));
  }

  async #drain(): Promise<void> {
    if (this.#asking) return;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (this.#key === null) return;
      const fits = sameKey(next.previous?.list ?? [], this.#key);
      if (fits && !next.reset && !next.gap) this.#events(next.events, next.key);
      else if (next.reset || next.gap || !isBehind(next.key?.list ?? [], this.#key)) {
        if (next.reset || next.gap) this.#key = null;
        this.#waiting = [];
        await this.#exclusive(() => (this.#key === null ? this.#snapshot(true) : this.#catchUp(true)));
      }
    }
  }

  async #exclusive(ask: () => Promise<void>): Promise<void> {
    this.#asking = true;
    try {
      await ask();
    } finally {
      this.#asking = false;
    }
    await this.#drain();
  }

  async #catchUp(subscribe: boolean): Promise<void> {
    for (let more = true; more;) {
      const reply = await this.#call(SYNC, { key: { list: this.#key ?? [] }, subscribe });
      this.#take(reply);
      if (this.#key === null) return this.#snapshot(subscribe);
      // A link is told the rest.
      more = reply.more && !subscribe;
    }
  }

  async #snapshot(subscribe: boolean): Promise<void> {
    const reply = await this.#patiently(() => this.#call(SYNC, { snapshot: true, limit: CHATS, subscribe }));
    const { me } = this.#store.state;
    const chats = reply.conversations.map((conversation) => toChat(me, conversation));
    this.#store.dispatch({ type: 'snapshot', chats });
    this.#listsMissing = true;
    if (reply.key) this.#go(reply.key, ACK_MESSAGES_MS);
    await this.#lists();
  }

  /** What has no events of its own at the beginning: contacts, the own profile, privacy. */
  async #lists(): Promise<void> {
    const [contacts, profile, privacy] = await Promise.all([
      this.#contacts(),
      this.#patiently(() => this.#call(GET_PROFILE, {})),
      this.#patiently(() => this.#call(GET_PRIVACY, {})),
    ]);
    this.#store.dispatch({ type: 'contacts', contacts });
    const { me } = this.#store.state;
    if (profile.profile) {
      this.#store.dispatch({ type: 'profiles', profiles: [{ ...toProfile(profile.profile), address: me }] });
    }
    if (privacy.privacy) this.#store.dispatch({ type: 'privacy', privacy: toPrivacy(privacy.privacy) });
    this.#listsMissing = false;
    this.#store.dispatch({ type: 'ready' });
  }

  /** Asks again as long as the server has too much to do: to give up would be to connect anew, which is more work. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempts = 0; ; attempts += 1) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof Refused) || !passes(error)) throw error;
        const ms = backoff(attempts, error.retryAfterMs, Math.random());
        await new Promise((resolve) => setTimeout(resolve, ms));
      }
    }
  }

  async #contacts() {
    const contacts = [];
    for (let after = 0n, more = true; more;) {
      const page = await this.#patiently(() => this.#call(LIST_CONTACTS, { limit: CONTACTS_PAGE, after }));
      contacts.push(...page.contacts.map(toContact));
      after = page.next;
      more = page.next !== 0n;
    }
    return contacts;
  }

  #take(reply: SyncReply): void {
    // What is missing is not asked for piece by piece: the newest is fetched anew.
    if (reply.reset || reply.gap) this.#key = null;
    else this.#events(reply.events, reply.key);
  }

  #events(events: Event[], key: SyncKey | undefined): void {
    const { me } = this.#store.state;
    for (const event of events) {
      if (wasTaken(this.#key ?? [], event.item.case, event.seq)) continue;
      const action = toAction(me, event);
      if (action) this.#store.dispatch(action);
    }
    const awaited = events.some((event) => event.item.case === 'message');
    if (key) this.#go(key, awaited ? ACK_MESSAGES_MS : ACK_REST_MS);
  }

  #go(key: SyncKey, ackWithinMs = ACK_REST_MS): void {
    this.#key = key.list.map(({ key, val }) => ({ key, val }));
    if (this.#polls) return;
    const due = Date.now() + ackWithinMs;
    if (this.#ack && this.#ack.due <= due) return;
    clearTimeout(this.#ack?.timer);
    const timer = setTimeout(() => {
      this.#ack = undefined;
      if (this.#key !== null) this.#call(ACK, { passed: { list: this.#key } }).catch(() => {});
    }, ackWithinMs);
    this.#ack = { timer, due };
  }
}
