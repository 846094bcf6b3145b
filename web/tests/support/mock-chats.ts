// Messages between accounts in memory: numbers, receipts, marks, lists. Only for working on the page without the server.
//
// In come sends and marks; out go events on both sides. Invariant: what is sent while one blocks the other stays with
// who sent it.
import * as schema from '../../src/generated/belfry/v1/belfry_pb';
import { TYPING_UPDATE } from '../../src/protocol/account-operations';
import type { MockAccount, MockAccounts } from './mock-accounts';
import { Refusal } from './mock-lobby';

interface Stored {
  cseq: bigint;
  from: string;
  to: string;
  text: string;
  sentAtMs: bigint;
  clientMessageId: string;
  withheld: boolean;
}

interface Talk {
  id: bigint;
  messages: Stored[];
  read: Map<string, bigint>;
  /** Who has accepted what comes, or answered. */
  accepted: Set<string>;
}

export class MockChats {
  #accounts: MockAccounts;
  #talks = new Map<string, Talk>();

  constructor(accounts: MockAccounts) {
    this.#accounts = accounts;
  }

  send(from: MockAccount, to: string, clientMessageId: string, text: string): object {
    const peer = this.#accounts.known(to);
    if (this.#accounts.row(from, peer.address).blocked) {
      throw new Refusal(409, 'blocking', 'you block this account');
    }
    const talk = this.#talk(from.address, peer.address);
    const key = (seq: bigint) => this.#accounts.key(seq);
    const before = talk.messages.find((message) => message.clientMessageId === clientMessageId);
    if (before) {
      const { cseq, sentAtMs } = before;
      return { conversationId: talk.id, cseq, sentAtMs, duplicate: true, key: key(from.seq) };
    }
    const withheld = this.#accounts.row(peer, from.address).blocked;
    const message: Stored = {
      cseq: BigInt(talk.messages.length + 1),
      from: from.address,
      to: peer.address,
      text,
      sentAtMs: BigInt(Date.now()),
      clientMessageId,
      withheld,
    };
    talk.messages.push(message);
    talk.accepted.add(from.address);
    const previous = key(from.seq);
    this.#accounts.event(from, { case: 'message', value: view(talk, message, from.address) });
    if (!withheld) {
      this.#accounts.event(peer, { case: 'message', value: view(talk, message, peer.address) });
    }
    const { cseq, sentAtMs } = message;
    return { conversationId: talk.id, cseq, sentAtMs, duplicate: false, previous, key: key(from.seq) };
  }

  list(owner: MockAccount): object[] {
    return [...this.#talks]
      .filter(([key]) => key.split(' ').includes(owner.address))
      .flatMap(([key, talk]) => {
        const peer = key.split(' ').find((address) => address !== owner.address) ?? '';
        const seen = visible(talk, owner.address);
        const last = seen.at(-1);
        if (!last) return [];
        const read = talk.read.get(owner.address) ?? 0n;
        return [
          {
            conversationId: talk.id,
            peer,
            activeAtMs: last.sentAtMs,
            lastCseq: last.cseq,
            message: view(talk, last, owner.address),
            unread: seen.filter((message) => message.from === peer && message.cseq > read).length,
            readCseq: read,
            receipt: this.#receipt(talk, owner, peer),
            settings: this.#settings(talk, owner, peer),
          },
        ];
      });
  }

  history(owner: MockAccount, peer: string, before: bigint, limit: number): object {
    const talk = this.#known(owner, peer);
    const below = visible(talk, owner.address).filter((m) => before === 0n || m.cseq < before);
    const page = below.slice(-(limit || 50));
    const messages = page.map((message) => view(talk, message, owner.address));
    return { conversationId: talk.id, messages, more: below.length > page.length };
  }

  /** Whoever acknowledges has what was sent until then. */
  acked(owner: MockAccount): void {
    owner.acked = owner.seq;
    for (const [key, talk] of this.#talks) {
      const peer = key.split(' ').find((address) => address !== owner.address) ?? '';
      if (!key.split(' ').includes(owner.address)) continue;
      if (talk.messages.some((message) => message.from === peer))
        this.#tellReceipt(talk, peer, owner.address);
    }
  }

  markRead(owner: MockAccount, id: bigint, cseq: bigint): void {
    const found = [...this.#talks].find(([, talk]) => talk.id === id);
    if (!found) throw new Refusal(404, 'not_found', 'there is no such conversation');
    const [key, talk] = found;
    const peer = key.split(' ').find((address) => address !== owner.address) ?? '';
    talk.read.set(owner.address, cseq);
    this.#accounts.event(owner, { case: 'mark', value: { conversationId: id, readCseq: cseq } });
    this.#tellReceipt(talk, peer, owner.address);
  }

  accept(owner: MockAccount, peer: string): object {
    const talk = this.#known(owner, peer);
    talk.accepted.add(owner.address);
    const settings = this.#settings(talk, owner, peer);
    this.#accounts.event(owner, { case: 'settings', value: settings });
    return { settings };
  }

  typing(from: MockAccount, to: string, active: boolean): void {
    const talk = this.#known(from, to);
    const peer = this.#accounts.known(to);
    if (this.#accounts.row(peer, from.address).blocked) return;
    const body = { conversationId: talk.id, from: from.address, active };
    for (const link of peer.links) link.tell(TYPING_UPDATE, schema.TypingUpdateSchema, body);
  }

  #tellReceipt(talk: Talk, to: string, about: string): void {
    const author = this.#accounts.known(to);
    if (this.#accounts.row(this.#accounts.known(about), to).blocked) return;
    this.#accounts.event(author, { case: 'receipt', value: this.#receipt(talk, author, about) });
  }

  #receipt(talk: Talk, author: MockAccount, peer: string) {
    const other = this.#accounts.known(peer);
    const had = talk.messages.filter((m) => m.from === author.address && !m.withheld && other.acked > 0n);
    const told = other.privacy.readReceipts !== schema.Audience.NOBODY;
    return {
      conversationId: talk.id,
      peer,
      deliveredCseq: had.at(-1)?.cseq ?? 0n,
      readCseq: told ? (talk.read.get(peer) ?? 0n) : 0n,
    };
  }

  #settings(talk: Talk, owner: MockAccount, peer: string) {
    const listed = this.#accounts.row(owner, peer).listed;
    const request = !listed && !talk.accepted.has(owner.address);
    return { conversationId: talk.id, peer, request };
  }

  #talk(a: string, b: string): Talk {
    const key = [a, b].sort().join(' ');
    const talk = this.#talks.get(key) ?? {
      id: BigInt(this.#talks.size + 1),
      messages: [],
      read: new Map(),
      accepted: new Set(),
    };
    this.#talks.set(key, talk);
    return talk;
  }

  #known(owner: MockAccount, peer: string): Talk {
    const talk = this.#talks.get([owner.address, peer].sort().join(' '));
    if (!talk) throw new Refusal(404, 'not_found', 'there is no such conversation');
    return talk;
  }
}

function visible(talk: Talk, reader: string): Stored[] {
  return talk.messages.filter((message) => !message.withheld || message.from === reader);
}

function view(talk: Talk, message: Stored, reader: string) {
  const { cseq, from, to, sentAtMs, text } = message;
  const clientMessageId = from === reader ? message.clientMessageId : '';
  const content = { kind: schema.ContentKind.TEXT, text };
  return { conversationId: talk.id, cseq, from, to, sentAtMs, clientMessageId, content };
}
