// The rules of a lobby, in memory: names, leases, messages, cursors. Only for working on the page without the server.
//
// In come requests of the schema; out go replies, or a Refusal. Invariant: answers look as the server's do; where the
// two differ, the server is right.
import type { LobbyMessage, Participant } from '../../src/generated/belfry/v1/belfry_pb';
import { countGraphemes, tidyName } from '../../src/core/text';

type Plain<T> = Omit<T, '$typeName' | '$unknown'>;

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterMs = 0,
  ) {
    super(message);
  }
}

export interface Guest {
  token: string;
  name: string;
  links: number;
  seenAt: number;
  leavesAt: number;
}

export interface News {
  messages: Plain<LobbyMessage>[];
  cseq: bigint;
  participantsChanged: boolean;
  participants: Plain<Participant>[];
  participantsVersion: bigint;
  gap: boolean;
  more: boolean;
}

const LEASE_MS = 100_000;
const LINGER_MS = 5_000;
const PAGE = 200;

export class MockLobby {
  readonly guests = new Map<string, Guest>();
  messages: Plain<LobbyMessage>[] = [];
  #sent = new Map<string, Plain<LobbyMessage>>();
  #version = 1n;
  #bells = new Set<() => void>();
  #clock = setInterval(() => this.#expire(), 250);

  close(): void {
    clearInterval(this.#clock);
    this.ring();
  }

  /** As after a restart: what was stored is there, who was there is not. */
  forgetGuests(): void {
    this.guests.clear();
    this.#version += 1n;
  }

  join(wanted: string) {
    const name = tidyName(wanted);
    const length = countGraphemes(name);
    if (length < 1) throw new Refusal(400, 'bad_request', 'choose a name of 1 to 16 characters');
    if (length > 16) {
      throw new Refusal(400, 'bad_request', `the name has ${length} characters, at most 16 are possible`);
    }
    const taken = [...this.guests.values()].some((guest) => guest.name.toLowerCase() === name.toLowerCase());
    if (taken) throw new Refusal(409, 'name_taken', `the name ${name} is taken`);
    const token = crypto.randomUUID();
    this.guests.set(token, { token, name, links: 0, seenAt: Date.now(), leavesAt: 0 });
    this.#changed();
    const news = this.after(0n, 0n);
    const messages = this.messages.slice(-50);
    return {
      token,
      name,
      leaseMs: LEASE_MS,
      participants: news.participants,
      participantsVersion: news.participantsVersion,
      messages,
      cseq: this.#last(),
      more: this.messages.length > messages.length,
      nameCharsMax: 16,
      textCharsMax: 140,
    };
  }

  guest(token: string): Guest {
    const guest = this.guests.get(token);
    if (!guest) throw new Refusal(401, 'unauthenticated', 'the token is not valid');
    guest.seenAt = Date.now();
    guest.leavesAt = 0;
    return guest;
  }

  leave(guest: Guest): void {
    if (this.guests.delete(guest.token)) this.#changed();
  }

  linkClosed(guest: Guest): void {
    guest.links -= 1;
    if (guest.links === 0) guest.leavesAt = Date.now() + LINGER_MS;
  }

  send(guest: Guest, id: string, text: string) {
    const said = text.trim();
    const length = countGraphemes(said);
    if (length < 1 || length > 140) {
      throw new Refusal(400, 'bad_request', `the message has ${length} characters, 1 to 140 are possible`);
    }
    const key = `${guest.token} ${id}`;
    const before = this.#sent.get(key);
    if (before) return { cseq: before.cseq, sentAtMs: before.sentAtMs, duplicate: true };
    const message = {
      cseq: this.#last() + 1n,
      name: guest.name,
      account: false,
      text: said,
      sentAtMs: BigInt(Date.now()),
    };
    this.messages.push(message);
    this.#sent.set(key, message);
    this.ring();
    return { cseq: message.cseq, sentAtMs: message.sentAtMs, duplicate: false };
  }

  history(before: bigint, limit: number) {
    const below = before === 0n ? this.messages : this.messages.filter((m) => m.cseq < before);
    const page = below.slice(-(limit || 50));
    return { messages: page, more: below.length > page.length };
  }

  after(cseq: bigint, version: bigint): News {
    const last = this.#last();
    const gap = cseq > last;
    const later = this.messages.filter((message) => message.cseq > cseq);
    const messages = later.slice(0, PAGE);
    const participantsChanged = version !== this.#version;
    return {
      messages,
      cseq: messages.at(-1)?.cseq ?? last,
      participantsChanged,
      participants: participantsChanged
        ? [...this.guests.values()].map((guest) => ({ name: guest.name, account: false }))
        : [],
      participantsVersion: this.#version,
      gap,
      more: later.length > messages.length,
    };
  }

  hasNews(cseq: bigint, version: bigint): boolean {
    return cseq !== this.#last() || version !== this.#version;
  }

  /** Calls back at the next change; the returned function forgets it. */
  onBell(call: () => void): () => void {
    this.#bells.add(call);
    return () => this.#bells.delete(call);
  }

  ring(): void {
    for (const bell of [...this.#bells]) bell();
  }

  #last(): bigint {
    return this.messages.at(-1)?.cseq ?? 0n;
  }

  #changed(): void {
    this.#version += 1n;
    this.ring();
  }

  #expire(): void {
    const now = Date.now();
    for (const guest of this.guests.values()) {
      const lapsed = guest.links === 0 && now > guest.seenAt + LEASE_MS;
      if (lapsed || (guest.leavesAt > 0 && now > guest.leavesAt)) this.leave(guest);
    }
  }
}
