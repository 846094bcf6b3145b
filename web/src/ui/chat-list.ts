// The list of chats, those of strangers apart.
//
// In comes an account's state; out go sections. Invariant: a chat is one link that says, in this order, who, how many
// are new, what was said last, and when.
import { chatList, lastOf, nameOf } from '../core/account/lists';
import type { AccountState, Chat } from '../core/account/model';
import { tickOf } from '../core/account/chat-log';
import { hrefOf } from '../core/account/route';
import { shortTime } from '../core/account/words';
import { h } from './dom';
import { face, faceSignature } from './face';
import { icon } from './icons';
import type { ListRow, Section } from './sections';

const UNREAD_MAX = 99;

export function chatSections(state: AccountState, open: string, now: number): Section[] {
  const requests = chatList(state, true);
  const chats = chatList(state, false);
  const row = (chat: Chat) => chatRow(state, chat, open === chat.peer, now);
  return [
    ...(requests.length > 0
      ? [
          {
            key: 'requests',
            title: 'Message requests',
            count: requests.length,
            folded: true,
            rows: requests.map(row),
          },
        ]
      : []),
    { key: 'chats', title: '', rows: chats.map(row) },
  ];
}

function chatRow(state: AccountState, chat: Chat, open: boolean, now: number): ListRow {
  const name = nameOf(state, chat.peer);
  const last = lastOf(state, chat);
  const typing = chat.typingUntil > now;
  const time = last ? shortTime(last.at, now) : '';
  const waiting = state.outbox.some((entry) => entry.to === chat.peer);
  const newest = chat.messages.at(-1);
  const tick = last?.mine && newest && !waiting ? tickOf(chat, newest.cseq) : waiting ? 'sending' : '';
  const text = typing ? 'typing…' : (last?.text ?? '').replace(/\s+/g, ' ');
  return {
    key: chat.peer,
    signature: [open, chat.unread, typing, time, tick, text, faceSignature(state, chat.peer)].join('\n'),
    make: () =>
      h(
        'li',
        {},
        h(
          'a',
          { class: 'entry', href: hrefOf.chat(chat.peer), 'aria-current': open ? 'page' : 'false' },
          face(state, chat.peer),
          h(
            'span',
            { class: 'entry-text' },
            h(
              'span',
              { class: 'entry-line' },
              h('span', { class: 'entry-name', dir: 'auto' }, name),
              h('span', { class: 'entry-time' }, time),
            ),
            h(
              'span',
              { class: 'entry-line' },
              h(
                'span',
                { class: typing ? 'entry-words typing' : 'entry-words' },
                tick === '' ? null : tickSign(tick),
                h('span', { dir: 'auto' }, text),
              ),
              unreadBadge(chat.unread),
            ),
          ),
        ),
      ),
  };
}

function tickSign(tick: string): HTMLElement {
  const sign = tick === 'sending' ? 'clock' : tick === 'stored' || tick === 'undelivered' ? 'tick' : 'ticks';
  return h('span', { class: `entry-tick ${tick}` }, icon(sign), h('span', { class: 'unseen' }, 'You: '));
}

function unreadBadge(unread: number): HTMLElement | null {
  if (unread === 0) return null;
  const words = unread > UNREAD_MAX ? `${UNREAD_MAX}+` : String(unread);
  return h('span', { class: 'count' }, words, h('span', { class: 'unseen' }, ' new'));
}
