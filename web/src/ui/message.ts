// One row of the log as DOM.
//
// In comes a row; out goes its element. Invariants: text becomes text nodes and links become anchors with a checked
// address; who wrote it and whether it is stored is said in words to those who do not see it.
import { avatarColour } from '../core/avatar';
import { linkify } from '../core/linkify';
import type { MessageRow, Row } from '../core/rows';
import { isJumbo } from '../core/text';
import { avatar } from './avatar';
import { h } from './dom';
import { icon } from './icons';

export function rowElement(row: Row): HTMLElement {
  switch (row.kind) {
    case 'message':
      return messageElement(row);
    case 'day':
      return h('li', { class: 'row day' }, h('span', { class: 'pill' }, row.text));
    case 'notice':
    case 'beginning':
      return h('li', { class: 'row notice' }, row.text);
    case 'unread':
      return h('li', { class: 'row unread' }, h('span', {}, 'New messages'));
  }
}

/** What of a row shows; equal signatures need no new element. */
export function signature(row: Row): string {
  if (row.kind !== 'message') return `${row.kind}\n${'text' in row ? row.text : ''}`;
  return [row.first, row.last, row.status, row.mine, row.at, row.reason, row.name, row.text].join('\n');
}

const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const fullTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

function messageElement(row: MessageRow): HTMLElement {
  const classes = ['row', 'message', row.mine ? 'mine' : 'theirs', row.status];
  if (row.first) classes.push('first');
  if (row.last) classes.push('last');
  const jumbo = isJumbo(row.text);
  if (jumbo) classes.push('jumbo');
  const date = new Date(row.at);
  const showName = row.first && !row.mine;
  const author = row.mine ? 'You' : row.name;
  const bubble = h(
    'div',
    { class: 'bubble' },
    h(
      'span',
      { class: showName ? `author name-${avatarColour(row.name)}` : 'unseen', dir: 'auto' },
      author,
      row.account && showName && h('span', { class: 'badge quiet' }, 'Account'),
      h('span', { class: 'unseen' }, ': '),
    ),
    textElement(row.text),
    h(
      'span',
      { class: 'meta' },
      h('time', { datetime: date.toISOString(), title: fullTime.format(date) }, time.format(date)),
      statusElement(row),
    ),
  );
  const item = h('li', { class: classes.join(' ') });
  if (!row.mine) item.append(row.last ? avatar(row.name) : h('span', { class: 'avatar-space' }));
  item.append(bubble);
  if (row.status === 'failed') item.append(failedElement(row));
  return item;
}

function textElement(text: string): HTMLElement {
  const element = h('span', { class: 'text', dir: 'auto' });
  for (const piece of linkify(text)) {
    if (piece.href === undefined) element.append(document.createTextNode(piece.text));
    else {
      const attributes = { href: piece.href, target: '_blank', rel: 'noopener noreferrer' };
      element.append(h('a', attributes, piece.text));
    }
  }
  return element;
}

const STATUS = {
  sending: { words: 'Sending', sign: 'clock' },
  stored: { words: 'Stored', sign: 'tick' },
  delivered: { words: 'Delivered', sign: 'ticks' },
  read: { words: 'Read', sign: 'ticks' },
  undelivered: { words: 'Not delivered', sign: 'alert' },
  failed: { words: 'Not sent', sign: 'alert' },
} as const;

function statusElement(row: MessageRow): HTMLElement | null {
  if (row.status === 'none') return null;
  const { words, sign } = STATUS[row.status];
  return h('span', { class: 'status', title: words }, icon(sign), h('span', { class: 'unseen' }, words));
}

function failedElement(row: MessageRow): HTMLElement {
  return h(
    'div',
    { class: 'failure' },
    h('span', {}, row.reason ? `Not sent: ${row.reason}` : 'Not sent.'),
    h('button', { type: 'button', class: 'link', 'data-again': row.id }, 'Try again'),
    h('button', { type: 'button', class: 'link', 'data-discard': row.id }, 'Delete'),
  );
}
