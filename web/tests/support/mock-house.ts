// All operations of accounts, in memory. Only for working on the page without the server.
//
// In come an operation, who asks and its request; out goes the reply, or a Refusal. Invariant: that of its parts.
import * as schema from '../../src/generated/belfry/v1/belfry_pb';
import * as ops from '../../src/protocol/account-operations';
import { type MockAccount, MockAccounts, type MockLink } from './mock-accounts';
import { MockChats } from './mock-chats';
import { MockContacts } from './mock-contacts';
import { Refusal } from './mock-lobby';

export const HOUSE_OPERATIONS = Object.values(ops).filter(
  (value): value is Exclude<typeof value, number> => typeof value !== 'number',
);
/** These need no token. */
const FOR_ALL = new Set([ops.TOKEN, ops.ADD_DEVICE, ops.LOOK_AT_INVITE, ops.SIGN_UP].map((o) => o.number));
const DEEDS = new Map([
  [ops.REQUEST_CONTACT.number, 'request'],
  [ops.ACCEPT_CONTACT.number, 'accept'],
  [ops.REFUSE_CONTACT.number, 'refuse'],
  [ops.WITHDRAW_CONTACT.number, 'withdraw'],
  [ops.REMOVE_CONTACT.number, 'remove'],
  [ops.SET_CONTACT.number, 'put'],
  [ops.BLOCK.number, 'block'],
  [ops.UNBLOCK.number, 'unblock'],
]);

/* eslint-disable-next-line @typescript-eslint/no-explicit-any */
type Any = any;

export class MockHouse {
  readonly accounts = new MockAccounts();
  readonly contacts = new MockContacts(this.accounts);
  readonly chats = new MockChats(this.accounts);

  serves(operation: number): boolean {
    return HOUSE_OPERATIONS.some((known) => known.number === operation);
  }

  logIn(token: string, link: Omit<MockLink, 'account'>): MockLink {
    const account = this.accounts.caller(token);
    const device = this.accounts.tokens.get(token)?.device;
    for (const other of account.links) if (Reflect.get(other, 'device') === device) other.close('superseded');
    const whole = Object.assign(link, { account, device });
    account.links.add(whole);
    return whole;
  }

  linkClosed(link: MockLink): void {
    if (!link.account.links.delete(link)) return;
    link.account.lastSeen = Date.now();
    this.accounts.tellPresence(link.account);
  }

  /** `token` over HTTP, `link` over a WebSocket. */
  run(operation: number, token: string, link: MockLink | null, body: Any, origin: string): object {
    if (FOR_ALL.has(operation)) return this.#forAll(operation, body);
    const me = link?.account ?? this.accounts.caller(token);
    const deed = DEEDS.get(operation);
    if (deed) return this.contacts.deed(deed, me, body.address, body);
    switch (operation) {
      case ops.LOGOUT.number:
        this.accounts.logOut(token);
        return {};
      case ops.LIST_CONTACTS.number:
        return this.contacts.list(me);
      case ops.FIND.number:
        return this.contacts.find(me, body.query);
      case ops.CREATE_INVITE.number:
        return this.contacts.invite(me, body.kind, body.uses, origin);
      case ops.ACCEPT_INVITE.number:
        return this.contacts.use(body.token, me);
      case ops.SET_PRESENCE.number:
        if (body.availability === schema.Availability.UNSPECIFIED) {
          throw new Refusal(400, 'bad_request', 'say how: availability is missing');
        }
        if (link) Object.assign(link, { shown: body.availability, status: body.status });
        this.accounts.tellPresence(me);
        return { presence: { address: me.address, ...this.accounts.shown(me) } };
      case ops.WATCH.number: {
        const watched = (body.addresses as string[]).map((address) => this.accounts.known(address));
        return {
          presences: watched.map((account) => this.accounts.presenceOf(account, me)),
          expiresInMs: 60_000,
        };
      }
      case ops.REPORT_ACTIVITY.number:
        if (link) link.activity = body.activity;
        this.accounts.tellPresence(me);
        return { heartbeatMs: 60_000 };
    }
    return this.#messages(operation, me, link, body) ?? this.#self(operation, me, body);
  }

  #forAll(operation: number, body: Any): object {
    switch (operation) {
      case ops.ADD_DEVICE.number:
        return this.accounts.signIn(body.address, body.password);
      case ops.TOKEN.number:
        return this.accounts.buy(body.deviceSecret);
      case ops.LOOK_AT_INVITE.number: {
        const { kind, by, expires } = this.contacts.look(body.token);
        const { displayName } = by.profile;
        const xmppUri = `xmpp:${by.address}?roster;preauth=${body.token}`;
        return { kind, address: by.address, displayName, expiresAtMs: BigInt(expires), xmppUri };
      }
      default: {
        if (this.contacts.look(body.token).kind !== schema.InviteKind.SIGN_UP) {
          throw new Refusal(404, 'not_found', 'this invitation is not good');
        }
        const account = this.accounts.add(body.name, body.password, body.displayName);
        this.contacts.use(body.token, account);
        return this.accounts.addDevice(account);
      }
    }
  }

  #messages(operation: number, me: MockAccount, link: MockLink | null, body: Any): object | null {
    switch (operation) {
      case ops.SEND.number:
        return this.chats.send(me, body.to, body.clientMessageId, body.content.text);
      case ops.SYNC.number:
        if (link && body.subscribe) link.subscribed = true;
        if (!body.snapshot) return this.accounts.after(me, body.key);
        return { conversations: this.chats.list(me), key: this.accounts.key(me.seq) };
      case ops.ACK.number:
        this.chats.acked(me);
        return {};
      case ops.HISTORY.number:
        return this.chats.history(me, body.peer, body.beforeCseq, body.limit);
      case ops.MARK_READ.number:
        this.chats.markRead(me, body.conversationId, body.readCseq);
        return {};
      case ops.SET_CONVERSATION.number:
        return this.chats.accept(me, body.peer);
      case ops.TYPING.number:
        this.chats.typing(me, body.to, body.active);
        return {};
    }
    return null;
  }

  #self(operation: number, me: MockAccount, body: Any): object {
    switch (operation) {
      case ops.GET_PROFILE.number: {
        const account = body.address === '' ? me : this.accounts.known(body.address);
        return { profile: this.accounts.profileOf(account, me) };
      }
      case ops.SET_PROFILE.number: {
        if (body.displayName) me.profile.displayName = body.displayName;
        if (body.about !== undefined) me.profile.about = body.about;
        if (body.picture) {
          me.picture = body.picture.data.length > 0 ? body.picture : null;
          me.pictureId = me.picture ? crypto.randomUUID().replaceAll('-', '') : '';
        }
        const profile = this.accounts.profileOf(me, me);
        this.accounts.event(me, { case: 'profile', value: profile });
        return { profile };
      }
      case ops.GET_PICTURE.number: {
        const { picture } = body.address === '' ? me : this.accounts.known(body.address);
        if (!picture) throw new Refusal(404, 'not_found', 'there is no such picture');
        return { picture: { mime: picture.mime, data: picture.data } };
      }
      case ops.SET_PRIVACY.number: {
        const { $typeName: _, ...wanted } = body;
        for (const [what, audience] of Object.entries(wanted)) {
          if (audience !== 0) Reflect.set(me.privacy, what, audience);
        }
        this.accounts.event(me, { case: 'privacy', value: { ...me.privacy } });
        return { privacy: me.privacy };
      }
      case ops.GET_PRIVACY.number:
        return { privacy: me.privacy };
    }
    throw new Refusal(404, 'unknown_operation', 'no such operation');
  }
}
