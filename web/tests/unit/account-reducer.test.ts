// The account's state: contacts, presences, chats, ticks, marks, the outbox.
import { describe, expect, test } from 'vitest';
import { ChatLog, tickOf } from '../../src/core/account/chat-log';
import {
  blocked,
  chatList,
  contactGroups,
  incoming,
  lastOf,
  nameOf,
  sentRequests,
  unreadChats,
} from '../../src/core/account/lists';
import {
  type AccountState,
  type Chat,
  type Contact,
  type DirectMessage,
  emptyAccount,
  emptyChat,
  stranger,
} from '../../src/core/account/model';
import { type AccountAction, reduceAccount } from '../../src/core/account/reducer';
import { rows } from '../../src/core/rows';

const BOB = 'bob@x';
const contact = (address: string, more: Partial<Contact> = {}): Contact => ({
  ...stranger(address),
  ...more,
});
const friend = (address: string, more: Partial<Contact> = {}) =>
  contact(address, { listed: true, to: true, from: true, ...more });
const after = (state: AccountState, ...actions: AccountAction[]) => actions.reduce(reduceAccount, state);
const start = emptyAccount('ada@x');
const said = (cseq: number, text: string, mine = false, clientId = ''): DirectMessage => ({
  cseq: BigInt(cseq),
  mine,
  text,
  at: 1_000 + cseq,
  recalled: false,
  clientId,
});
const told = (message: DirectMessage, text: string | null = message.text): AccountAction => ({
  type: 'message',
  peer: BOB,
  id: 7n,
  message,
  text,
});
const queued = (id: string, text: string): AccountAction => ({
  type: 'queued',
  message: { id, to: BOB, text, at: 5 },
});
const chat = (state: AccountState): Chat => state.chats.get(BOB) ?? emptyChat(BOB);
const texts = (state: AccountState) => chat(state).messages.map((message) => message.text);

describe('contacts', () => {
  const all: Contact[] = [
    friend('zoe@x', { labels: ['Work', 'Chess'] }),
    friend('carl@x'),
    friend('anna@x', { name: 'Änne', labels: ['Work'] }),
    contact('new@x', { request: { at: 2, note: 'Hi' } }),
    contact('older@x', { request: { at: 1, note: '' }, listed: true }),
    contact('asked@x', { listed: true, asks: true, request: null }),
    contact('bad@x', { blocked: true, listed: true, to: true }),
  ];
  const state = after(start, { type: 'contacts', contacts: all });

  test('stand under each of their labels, those without one last', () => {
    const groups = contactGroups(state).map(({ label, contacts }) => [label, contacts.map((c) => c.address)]);
    expect(groups).toEqual([
      ['Chess', ['zoe@x']],
      ['Work', ['anna@x', 'zoe@x']],
      ['', ['carl@x', 'older@x']],
    ]);
  });

  test('who asks, who was asked and who is blocked stand apart', () => {
    expect(incoming(state).map((c) => c.address)).toEqual(['new@x', 'older@x']);
    expect(sentRequests(state).map((c) => c.address)).toEqual(['asked@x']);
    expect(blocked(state).map((c) => c.address)).toEqual(['bad@x']);
  });

  test('one in which nothing is set was removed', () => {
    const gone = after(state, { type: 'contact', contact: contact('carl@x') });
    expect(gone.contacts.has('carl@x')).toBe(false);
  });

  test('are called as one has named them, else as they call themselves, else by their address', () => {
    const own = after(state, {
      type: 'profiles',
      profiles: ['anna@x', 'carl@x'].map((address) => ({ address, name: 'Own', about: '', pictureId: '' })),
    });
    expect(['anna@x', 'carl@x', 'zoe@x', 'nobody'].map((address) => nameOf(own, address))).toEqual([
      'Änne',
      'Own',
      'zoe',
      'nobody',
    ]);
  });

  test('who was blocked or removed is no longer seen to be there', () => {
    const there = after(state, {
      type: 'presences',
      presences: [['carl@x', { availability: 'online', status: '', lastSeen: 0 }]],
    });
    expect(there.presences.size).toBe(1);
    const blocks = after(there, { type: 'contact', contact: friend('carl@x', { blocked: true }) });
    expect(blocks.presences.size).toBe(0);
    const lost = after(there, { type: 'link', link: { phase: 'waiting', attempt: 0, retryAt: 0 } });
    expect(lost.presences.size).toBe(0);
    expect(after(there, { type: 'link', link: { phase: 'connecting' } }).presences.size).toBe(1);
  });
});

describe('chats', () => {
  test('have each message once and in order, however they come', () => {
    const page = [said(1, 'a'), said(2, 'b')];
    const state = after(
      start,
      told(said(3, 'c')),
      { type: 'page', peer: BOB, id: 7n, messages: page, more: false, newest: true },
      told(said(2, 'b')),
    );
    expect(texts(state)).toEqual(['a', 'b', 'c']);
    expect(chat(state)).toMatchObject({ lastCseq: 3n, older: 'end', loaded: true, unread: 1 });
  });

  test('one’s own message is shown once, whichever of answer and event comes first', () => {
    const stored: AccountAction = { type: 'stored', id: 'i', conversation: 7n, cseq: 1n, at: 9 };
    const event = told(said(1, '', true, 'i'), null);
    for (const actions of [[stored, event], [event, stored], [stored], [event]]) {
      const state = after(start, queued('i', 'Hello'), ...actions);
      expect(texts(state)).toEqual(['Hello']);
      expect(state.outbox).toEqual([]);
    }
  });

  test('count what is new until it was read, here or elsewhere', () => {
    const state = after(start, told(said(1, 'a')), told(said(2, 'b')), told(said(3, 'c')));
    expect(chat(state).unread).toBe(3);
    expect(unreadChats(after(state, { type: 'settings', peer: BOB, id: 7n, request: false }))).toBe(1);
    expect(chat(after(state, { type: 'mark', id: 7n, read: 2n })).unread).toBe(1);
    const all = after(state, { type: 'mark', id: 7n, read: 3n });
    expect(chat(all).unread).toBe(0);
    expect(chat(after(all, { type: 'mark', id: 7n, read: 1n })).readCseq).toBe(3n);
    expect(chat(after(state, told(said(4, 'mine', true)))).unread).toBe(0);
  });

  test('of strangers stand apart until one answers', () => {
    const state = after(start, told(said(1, 'Hello?')));
    expect(chatList(state, true).map((c) => c.peer)).toEqual([BOB]);
    expect(chatList(state, false)).toEqual([]);
    expect(unreadChats(state)).toBe(0);
    const answered = after(state, queued('i', 'Yes?'), {
      type: 'stored',
      id: 'i',
      conversation: 7n,
      cseq: 2n,
      at: 9,
    });
    expect(chatList(answered, false).map((c) => c.peer)).toEqual([BOB]);
    const listed = after(state, { type: 'contact', contact: contact(BOB, { listed: true }) });
    expect(chatList(listed, true)).toEqual([]);
    const accepted = after(state, { type: 'settings', peer: BOB, id: 7n, request: false });
    expect(chatList(after(accepted, told(said(2, 'Thanks'))), true)).toEqual([]);
    const later = after(start, told(said(9, 'Known of old')));
    expect(chatList(later, true)).toEqual([]);
    const blocks = after(state, { type: 'contact', contact: contact(BOB, { blocked: true }) });
    expect(chatList(blocks, true)).toEqual([]);
  });

  test('what was taken back or edited says so, what was deleted is gone', () => {
    const state = after(start, told(said(1, 'a')), told(said(2, 'b')));
    const edited = after(state, { type: 'amended', id: 7n, cseq: 1n, text: 'A', recalled: false });
    expect(texts(edited)).toEqual(['A', 'b']);
    const recalled = after(edited, { type: 'amended', id: 7n, cseq: 2n, text: null, recalled: true });
    expect(texts(recalled)).toEqual(['A', '']);
    expect(lastOf(recalled, chat(recalled))?.text).toBe('Message recalled');
    expect(texts(after(recalled, { type: 'hidden', id: 7n, cseq: 1n }))).toEqual(['']);
  });

  test('a refusal keeps what was written, to try again or to delete', () => {
    const failed = after(start, queued('i', 'Hello'), { type: 'failed', id: 'i', reason: 'No.' });
    expect(failed.outbox[0]?.failed).toBe('No.');
    expect(after(failed, { type: 'again', id: 'i' }).outbox[0]?.failed).toBeUndefined();
    expect(after(failed, { type: 'discarded', id: 'i' }).outbox).toEqual([]);
  });
});

describe('ticks', () => {
  const receipt = (delivered: number, read: number, lost: [bigint, bigint][] = []): AccountAction => ({
    type: 'receipt',
    peer: BOB,
    delivered: BigInt(delivered),
    read: BigInt(read),
    undelivered: lost,
  });
  const sent = after(start, ...[1, 2, 3, 4].map((cseq) => told(said(cseq, `${cseq}`, true))));

  test('say stored, delivered, read, or never delivered', () => {
    const state = after(sent, receipt(3, 1, [[2n, 2n]]));
    expect([1n, 2n, 3n, 4n].map((cseq) => tickOf(chat(state), cseq))).toEqual([
      'read',
      'undelivered',
      'delivered',
      'stored',
    ]);
  });

  test('never go back', () => {
    const state = after(sent, receipt(4, 3), receipt(2, 1));
    expect(tickOf(chat(state), 3n)).toBe('read');
    expect(tickOf(chat(state), 4n)).toBe('delivered');
  });

  test('stand on the rows of the log; what has not changed is not made anew', () => {
    const log = new ChatLog();
    const state = after(sent, receipt(3, 1), queued('i', 'next'));
    const shown = log.of(state, chat(state));
    const statuses = rows(shown, null, 2_000).flatMap((row) => (row.kind === 'message' ? [row.status] : []));
    expect(statuses).toEqual(['read', 'delivered', 'delivered', 'stored', 'sending']);
    expect(log.of(state, chat(state))).toBe(shown);
    const other = after(state, { type: 'contact', contact: friend('carl@x') });
    expect(log.of(other, chat(other))).toBe(shown);
  });
});
