// A chat with one person: head, log, composer; a word in between where they are strangers or blocked.
//
// In come the account and an address; out goes an element that follows the state. Invariant: the page only shows the
// store's state and only changes it through the account.
import type { Account } from '../account';
import { draftFor } from '../account-store';
import { ChatLog } from '../core/account/chat-log';
import { isRequest, nameOf } from '../core/account/lists';
import { type AccountState, type Chat, emptyChat } from '../core/account/model';
import { hrefOf } from '../core/account/route';
import { presenceWords } from '../core/account/words';
import { Composer } from './composer';
import { button } from './contact-list';
import { h, morph, setText } from './dom';
import { face, faceSignature } from './face';
import { icon } from './icons';
import { Log } from './log';
import type { Pane } from './home';

/** Longer texts are for files. The server has the last word. */
const TEXT_MAX = 4_000;
const WORDS = {
  quiet: 'Nothing was said here yet.',
  hello: 'Say hello.',
  beginning: 'This is where the chat starts.',
};

/** `back` is where one came from. */
export function chatPane(account: Account, peer: string, back: string): Pane {
  const chatLog = new ChatLog();
  const log = new Log(
    {
      onOlder: () => void account.load(peer),
      onAgain: (id) => account.sendAgain(id),
      onDiscard: (id) => account.discard(id),
      onUnread: (count) => count === 0 && lookedAt() && account.markRead(peer),
    },
    WORDS,
  );
  const composer = new Composer(
    {
      onSend: (text) => account.send(peer, text),
      onPage: (direction) => log.page(direction),
      onWriting: () => account.writing(peer),
    },
    draftFor(peer),
  );
  composer.setMax(TEXT_MAX);
  const sign = h('span', { class: 'face-place' });
  const title = h('span', { class: 'pane-name', dir: 'auto' });
  const words = h('span', { class: 'room-subtitle', role: 'status' });
  const head = h(
    'header',
    { class: 'pane-head' },
    h('a', { class: 'icon-button back', href: back, 'aria-label': 'Back to the list' }, icon('back')),
    h(
      'a',
      { class: 'pane-person', href: hrefOf.person(peer), title: 'Show the person' },
      sign,
      h('span', { class: 'pane-names' }, h('h1', {}, title), words),
    ),
    h(
      'a',
      { class: 'icon-button pane-info', href: hrefOf.person(peer), 'aria-label': 'About this person' },
      icon('info'),
    ),
  );
  const banner = h('div', { class: 'banner', hidden: true });
  const element = h('main', { class: 'room pane chat' }, head, banner, log.element, composer.element);
  let face_ = '';
  let banner_ = '';

  return {
    element,
    render(state: AccountState, now: number) {
      const chat = state.chats.get(peer) ?? emptyChat(peer);
      if (!chat.loaded && chat.older === 'more' && state.link.phase === 'live') void account.load(peer);
      setText(title, nameOf(state, peer));
      const typing = chat.typingUntil > now;
      setText(words, typing ? 'typing…' : subtitle(state, peer, now));
      words.classList.toggle('typing', typing);
      const faceNow = faceSignature(state, peer);
      if (faceNow !== face_) sign.replaceChildren(face(state, peer));
      face_ = faceNow;
      const blocked = state.contacts.get(peer)?.blocked ?? false;
      const kind = bannerKind(state, chat);
      if (kind !== banner_) morph(banner, bannerElement(kind, state, peer));
      banner_ = kind;
      banner.hidden = kind === '';
      composer.element.hidden = blocked;
      log.render(chatLog.of(state, chat));
      if (chat.unread > 0 && lookedAt() && log.atBottom) account.markRead(peer);
    },
    title: (state) => nameOf(state, peer),
    focus() {
      log.toBottom(false);
      if (matchMedia('(pointer: fine)').matches && !composer.element.hidden) composer.focus();
    },
    end: () => log.end(),
  };
}

function lookedAt(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

function subtitle(state: AccountState, peer: string, now: number): string {
  if (state.contacts.get(peer)?.blocked) return 'blocked';
  const presence = state.presences.get(peer);
  // Of those who are no contacts "offline" would say more than one knows.
  const known = presence && (presence.availability !== 'offline' || presence.lastSeen > 0);
  if (!known && !state.contacts.get(peer)?.to) return peer;
  return presenceWords(presence, now) || peer;
}

function bannerKind(state: AccountState, chat: Chat): 'blocked' | 'asks' | 'request' | '' {
  const contact = state.contacts.get(chat.peer);
  if (contact?.blocked) return 'blocked';
  if (contact?.request) return 'asks';
  return isRequest(state, chat) ? 'request' : '';
}

function bannerElement(kind: string, state: AccountState, peer: string): HTMLElement {
  const name = h('bdi', {}, nameOf(state, peer));
  const block = () => button('block', 'Block', state, peer, 'small-button danger');
  const element = h('div', { class: 'banner' });
  const buttons = h('div', { class: 'request-buttons' });
  switch (kind) {
    case 'blocked':
      element.append(h('p', {}, 'You have blocked ', name, '. Nothing passes between you.'), buttons);
      buttons.append(button('unblock', 'Unblock', state, peer, 'small-button strong'));
      break;
    case 'asks':
      element.append(h('p', {}, name, ' asks to be a contact.'), buttons);
      buttons.append(button('accept', 'Accept', state, peer, 'small-button strong'));
      buttons.append(button('refuse', 'Refuse', state, peer), block());
      break;
    case 'request': {
      const words =
        ' is not in your contacts. They are not told whether you have read this until you answer.';
      element.append(h('p', {}, name, words), buttons);
      buttons.append(button('hear', 'Accept messages', state, peer, 'small-button strong'));
      buttons.append(button('request', 'Add contact', state, peer), block());
    }
  }
  return element;
}
