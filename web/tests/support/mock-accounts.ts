// Accounts in memory: passwords, devices, tokens, timelines, who is there. Only for working on the page without the
// server.
//
// In come requests of the schema; out go replies, told events, or a Refusal. Invariant: answers look as the server's do;
// where the two differ, the server is right.
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import * as schema from '../../src/generated/belfry/v1/belfry_pb';
import { NOTIFY, PRESENCE_UPDATE } from '../../src/protocol/account-operations';
import { Refusal } from './mock-lobby';

export type EventItem = MessageInitShape<typeof schema.EventSchema>['item'];
type ContactInit = Omit<schema.Contact, '$typeName' | '$unknown' | 'request' | 'address'> & {
  request: { askedAtMs: bigint; note: string } | undefined;
};

/** One open link of a device. */
export interface MockLink {
  account: MockAccount;
  subscribed: boolean;
  activity: schema.Activity;
  shown: schema.Availability;
  status: string;
  tell(operation: number, type: DescMessage, body: object): void;
  close(code: string): void;
}

export interface MockAccount {
  address: string;
  password: string;
  phone: string;
  profile: { displayName: string; about: string };
  picture: { mime: string; data: Uint8Array } | null;
  pictureId: string;
  privacy: Record<'readReceipts' | 'lastSeen' | 'picture' | 'about' | 'foundByPhone', schema.Audience>;
  /** How it stands to others, by address. */
  rows: Map<string, ContactInit>;
  events: { seq: bigint; item: EventItem }[];
  seq: bigint;
  acked: bigint;
  links: Set<MockLink>;
  lastSeen: number;
  requests: Set<string>;
}

const KINDS = [1, 2, 3, 4, 5];
const TOKEN_MS = 900_000;

export class MockAccounts {
  readonly accounts = new Map<string, MockAccount>();
  readonly tokens = new Map<string, { account: MockAccount; device: number }>();
  readonly secrets = new Map<string, { account: MockAccount; device: number }>();
  #devices = 0;

  add(name: string, password: string, displayName = name): MockAccount {
    const address = `${name.toLowerCase()}@localhost`;
    if (this.accounts.has(address)) throw new Refusal(409, 'name_taken', `the name ${name} is taken`);
    const account: MockAccount = {
      address,
      password,
      phone: '',
      profile: { displayName, about: '' },
      picture: null,
      pictureId: '',
      privacy: {
        readReceipts: schema.Audience.EVERYONE,
        lastSeen: schema.Audience.CONTACTS,
        picture: schema.Audience.EVERYONE,
        about: schema.Audience.EVERYONE,
        foundByPhone: schema.Audience.EVERYONE,
      },
      rows: new Map(),
      events: [],
      seq: 0n,
      acked: 0n,
      links: new Set(),
      lastSeen: 0,
      requests: new Set(),
    };
    this.accounts.set(address, account);
    return account;
  }

  known(address: string): MockAccount {
    const account = this.accounts.get(address.toLowerCase());
    if (!account) throw new Refusal(404, 'not_found', 'there is no such account');
    return account;
  }

  caller(token: string): MockAccount {
    const known = this.tokens.get(token);
    if (!known) throw new Refusal(401, 'unauthenticated', 'the token is not valid');
    return known.account;
  }

  addDevice(account: MockAccount): object {
    this.#devices += 1;
    const device = this.#devices;
    const deviceSecret = crypto.randomUUID();
    this.secrets.set(deviceSecret, { account, device });
    const bought = this.buy(deviceSecret);
    const { token, expiresInMs: tokenExpiresInMs } = bought;
    return { address: account.address, deviceId: device, deviceSecret, token, tokenExpiresInMs };
  }

  signIn(address: string, password: string): object {
    const account = this.accounts.get(address.toLowerCase());
    if (!account || account.password !== password) {
      throw new Refusal(401, 'wrong_credentials', 'address or password is wrong');
    }
    return this.addDevice(account);
  }

  buy(secret: string): { token: string; expiresInMs: bigint } {
    const known = this.secrets.get(secret);
    if (!known) throw new Refusal(401, 'wrong_credentials', 'address, device or secret is wrong');
    const token = crypto.randomUUID();
    this.tokens.set(token, known);
    return { token, expiresInMs: BigInt(TOKEN_MS) };
  }

  logOut(token: string): void {
    const known = this.tokens.get(token);
    for (const [key, value] of this.tokens) if (value.device === known?.device) this.tokens.delete(key);
    for (const [key, value] of this.secrets) if (value.device === known?.device) this.secrets.delete(key);
  }

  key(seq: bigint): { list: { key: number; val: bigint }[] } {
    return { list: KINDS.map((key) => ({ key, val: seq })) };
  }

  /** An event of an account's timeline, told to its links. */
  event(account: MockAccount, item: EventItem): void {
    const previous = account.seq;
    account.seq += 1n;
    account.events.push({ seq: account.seq, item });
    for (const link of account.links) {
      if (!link.subscribed) continue;
      const events = [{ seq: account.seq, item }];
      const body = { previous: this.key(previous), key: this.key(account.seq), events };
      link.tell(NOTIFY, schema.NotifySchema, body);
    }
  }

  after(account: MockAccount, key: schema.SyncKey | undefined): object {
    const from = key?.list.find((value) => value.key === 1)?.val ?? 0n;
    const events = account.events.filter((event) => event.seq > from);
    return { events, key: this.key(account.seq) };
  }

  row(owner: MockAccount, address: string): ContactInit {
    const row = owner.rows.get(address) ?? {
      name: '',
      labels: [],
      listed: false,
      to: false,
      from: false,
      asks: false,
      approved: false,
      request: undefined,
      blocked: false,
    };
    owner.rows.set(address, row);
    return row;
  }

  among(owner: MockAccount, other: string, audience: schema.Audience): boolean {
    if (owner.address === other) return true;
    const row = this.row(owner, other);
    if (row.blocked) return false;
    return audience === schema.Audience.EVERYONE || (audience === schema.Audience.CONTACTS && row.listed);
  }

  profileOf(account: MockAccount, asker: MockAccount): object {
    const sees = (audience: schema.Audience) => this.among(account, asker.address, audience);
    return {
      address: account.address,
      displayName: account.profile.displayName,
      about: sees(account.privacy.about) ? account.profile.about : '',
      pictureId: sees(account.privacy.picture) ? account.pictureId : '',
    };
  }

  presenceOf(account: MockAccount, asker: MockAccount): object {
    const hidden =
      this.row(account, asker.address).blocked ||
      this.row(asker, account.address).blocked ||
      !this.among(account, asker.address, account.privacy.lastSeen);
    const { address } = account;
    if (hidden) return { address, availability: schema.Availability.OFFLINE };
    const { availability, status } = this.shown(account);
    const away = availability === schema.Availability.OFFLINE;
    return { address, availability, status, lastSeenAtMs: away ? BigInt(account.lastSeen) : 0n };
  }

  shown(account: MockAccount): { availability: schema.Availability; status: string } {
    const links = [...account.links];
    const set = links.find((link) => link.shown !== schema.Availability.UNSPECIFIED);
    if (set) return { availability: set.shown, status: set.status };
    if (links.length === 0) return { availability: schema.Availability.OFFLINE, status: '' };
    const looks = links.some((link) => link.activity === schema.Activity.FOREGROUND);
    return { availability: looks ? schema.Availability.ONLINE : schema.Availability.AWAY, status: '' };
  }

  /** Tells those who follow an account how it is there now. */
  tellPresence(account: MockAccount): void {
    for (const [address, row] of account.rows) {
      const follower = this.accounts.get(address);
      if (!row.from || !follower) continue;
      const body = { presences: [this.presenceOf(account, follower)] };
      for (const link of follower.links) link.tell(PRESENCE_UPDATE, schema.PresenceUpdateSchema, body);
    }
  }

  /** After a login: all contacts who are there. */
  greet(link: MockLink): void {
    const presences = [...link.account.rows]
      .filter(([, row]) => row.to && !row.blocked)
      .map(([address]) => this.presenceOf(this.known(address), link.account))
      .filter((presence) => Reflect.get(presence, 'availability') !== schema.Availability.OFFLINE);
    link.tell(PRESENCE_UPDATE, schema.PresenceUpdateSchema, { presences });
  }
}
