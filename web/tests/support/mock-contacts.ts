// What people do about each other in memory, and invitations. Only for working on the page without the server.
//
// In come deeds; out go the owner's rows and events on both sides. Invariant: while one of the two blocks the other, what
// the blocked side does changes its own row alone.
import * as schema from '../../src/generated/belfry/v1/belfry_pb';
import type { MockAccount, MockAccounts } from './mock-accounts';
import { Refusal } from './mock-lobby';

const WEEK_MS = 7 * 24 * 3_600_000;

interface Invite {
  token: string;
  by: MockAccount;
  kind: schema.InviteKind;
  usesLeft: number;
  expires: number;
}

export class MockContacts {
  #accounts: MockAccounts;
  #invites = new Map<string, Invite>();

  constructor(accounts: MockAccounts) {
    this.#accounts = accounts;
  }

  list(owner: MockAccount): object {
    return { contacts: [...owner.rows.keys()].map((address) => this.#view(owner, address)), next: 0n };
  }

  /** Does it and answers with the owner's row. */
  deed(
    what: string,
    owner: MockAccount,
    address: string,
    more: { note?: string; name?: string; labels?: string[] },
  ) {
    const peer = this.#accounts.known(address);
    if (peer === owner) throw new Refusal(404, 'not_found', 'there is no such account');
    const mine = this.#accounts.row(owner, peer.address);
    const theirs = this.#accounts.row(peer, owner.address);
    const before = [JSON.stringify(mine, plain), JSON.stringify(theirs, plain)];
    const alone = theirs.blocked || mine.blocked;
    if (mine.blocked && ['request', 'accept'].includes(what)) {
      throw new Refusal(409, 'blocking', 'you block this account');
    }
    switch (what) {
      case 'request':
        mine.listed = mine.approved = true;
        if (alone) mine.asks ||= !mine.to;
        else if (theirs.approved) this.#join(mine, theirs);
        else if (!mine.to) {
          mine.asks = true;
          theirs.request ??= { askedAtMs: BigInt(Date.now()), note: more.note ?? '' };
        }
        break;
      case 'accept':
        if (!mine.request) throw new Refusal(404, 'not_found', 'they have not asked');
        mine.listed = mine.approved = true;
        this.#join(mine, theirs);
        break;
      case 'refuse':
        mine.request = undefined;
        if (!alone) theirs.asks = false;
        break;
      case 'withdraw':
        mine.asks = mine.approved = false;
        if (!mine.to && !mine.from) Object.assign(mine, { listed: false, name: '', labels: [] });
        if (!alone) theirs.request = undefined;
        break;
      case 'remove':
        Object.assign(mine, { name: '', labels: [], listed: false, to: false, from: false });
        Object.assign(mine, { asks: false, approved: false, request: undefined });
        if (!alone) Object.assign(theirs, { to: false, from: false, asks: false, request: undefined });
        break;
      case 'put':
        Object.assign(mine, { listed: true, name: more.name ?? '', labels: more.labels ?? [] });
        break;
      case 'block':
        Object.assign(mine, { blocked: true, request: undefined });
        break;
      case 'unblock':
        mine.blocked = false;
    }
    const after = [JSON.stringify(mine, plain), JSON.stringify(theirs, plain)];
    if (before[0] !== after[0]) this.#tell(owner, peer.address);
    if (before[1] !== after[1]) this.#tell(peer, owner.address);
    this.#accounts.tellPresence(owner);
    this.#accounts.tellPresence(peer);
    return { contact: this.#view(owner, peer.address) };
  }

  find(asker: MockAccount, query: string): object {
    const wanted = query.includes('@') ? query.toLowerCase() : `${query.toLowerCase()}@localhost`;
    const found = query.startsWith('+')
      ? [...this.#accounts.accounts.values()].find(
          (account) =>
            account.phone === query &&
            this.#accounts.among(account, asker.address, account.privacy.foundByPhone),
        )
      : this.#accounts.accounts.get(wanted);
    if (!found || this.#accounts.row(found, asker.address).blocked) return {};
    return { profile: this.#accounts.profileOf(found, asker) };
  }

  invite(by: MockAccount, kind: schema.InviteKind, uses: number, origin: string): object {
    const token = crypto.randomUUID().replaceAll('-', '');
    const expires = Date.now() + WEEK_MS;
    this.#invites.set(token, { token, by, kind, usesLeft: uses || 1, expires });
    const invite = { inviteId: token.slice(0, 8), kind, usesLeft: uses || 1, expiresAtMs: BigInt(expires) };
    return { invite, token, link: `${origin}/i/${token}` };
  }

  look(token: string): Invite {
    const invite = this.#invites.get(token.replace(/^.*\/i\//, ''));
    if (!invite || invite.usesLeft < 1) throw new Refusal(404, 'not_found', 'this invitation is not good');
    return invite;
  }

  use(token: string, by: MockAccount): object {
    const invite = this.look(token);
    if (invite.by === by) throw new Refusal(404, 'not_found', 'this invitation is not good');
    invite.usesLeft -= 1;
    const mine = this.#accounts.row(by, invite.by.address);
    const theirs = this.#accounts.row(invite.by, by.address);
    for (const row of [mine, theirs]) Object.assign(row, { listed: true, approved: true });
    this.#join(mine, theirs);
    this.#tell(by, invite.by.address);
    this.#tell(invite.by, by.address);
    this.#accounts.tellPresence(by);
    this.#accounts.tellPresence(invite.by);
    return { contact: this.#view(by, invite.by.address) };
  }

  #join(a: Row, b: Row): void {
    for (const row of [a, b]) Object.assign(row, { to: true, from: true, asks: false, request: undefined });
  }

  #view(owner: MockAccount, address: string) {
    return { address, ...this.#accounts.row(owner, address) };
  }

  #tell(owner: MockAccount, address: string): void {
    const value = { ...this.#view(owner, address), labels: [...this.#accounts.row(owner, address).labels] };
    const { request, ...rest } = value;
    this.#accounts.event(owner, {
      case: 'contact',
      value: request ? { ...rest, request: { ...request } } : rest,
    });
  }
}

type Row = ReturnType<MockAccounts['row']>;

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
