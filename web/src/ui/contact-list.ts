// The people one knows: who asks, whom one has asked, contacts by label, who is blocked.
//
// In comes an account's state; out go sections. Invariant: what a button does stands in its data-do, and about whom in
// its data-who.
import { blocked, contactGroups, incoming, nameOf, sentRequests } from '../core/account/lists';
import type { AccountState, Contact } from '../core/account/model';
import { hrefOf } from '../core/account/route';
import { presenceWords } from '../core/account/words';
import { h } from './dom';
import { face, faceSignature } from './face';
import type { ListRow, Section } from './sections';

export function contactSections(state: AccountState, open: string, now: number): Section[] {
  const sections: Section[] = [];
  const add = (key: string, title: string, rows: ListRow[], folded = false) => {
    if (rows.length > 0) sections.push({ key, title, count: rows.length, folded, rows });
  };
  add(
    'incoming',
    'Contact requests',
    incoming(state).map((contact) => incomingRow(state, contact)),
  );
  add(
    'sent',
    'Waiting for an answer',
    sentRequests(state).map((contact) => sentRow(state, contact)),
  );
  for (const { label, contacts } of contactGroups(state)) {
    const rows = contacts.map((contact) => contactRow(state, contact, open, now));
    add(`label ${label}`, label === '' ? 'Contacts' : label, rows);
  }
  add(
    'blocked',
    'Blocked',
    blocked(state).map((contact) => blockedRow(state, contact)),
    true,
  );
  return sections;
}

function contactRow(state: AccountState, contact: Contact, open: string, now: number): ListRow {
  const { address } = contact;
  const name = nameOf(state, address);
  const words = contact.to
    ? presenceWords(state.presences.get(address), now)
    : contact.asks
      ? 'asked'
      : 'in your list only';
  const current = open === address;
  return {
    key: address,
    signature: [current, words, faceSignature(state, address)].join('\n'),
    make: () =>
      h(
        'li',
        {},
        h(
          'a',
          { class: 'entry', href: hrefOf.chat(address), 'aria-current': current ? 'page' : 'false' },
          face(state, address),
          h(
            'span',
            { class: 'entry-text' },
            h('span', { class: 'entry-name', dir: 'auto' }, name),
            h('span', { class: 'entry-words' }, h('span', { dir: 'auto' }, words)),
          ),
        ),
      ),
  };
}

function incomingRow(state: AccountState, contact: Contact): ListRow {
  const { address } = contact;
  const note = contact.request?.note ?? '';
  return {
    key: address,
    signature: [note, faceSignature(state, address)].join('\n'),
    make: () =>
      h(
        'li',
        { class: 'request' },
        h('div', { class: 'request-who' }, face(state, address), who(state, address, address)),
        note === '' ? null : h('p', { class: 'request-note', dir: 'auto' }, note),
        h(
          'div',
          { class: 'request-buttons' },
          button('accept', 'Accept', state, address, 'small-button strong'),
          button('refuse', 'Refuse', state, address),
          button('block', 'Block', state, address, 'small-button danger'),
        ),
      ),
  };
}

function sentRow(state: AccountState, contact: Contact): ListRow {
  return plainRow(state, contact.address, button('withdraw', 'Withdraw', state, contact.address));
}

function blockedRow(state: AccountState, contact: Contact): ListRow {
  return plainRow(state, contact.address, button('unblock', 'Unblock', state, contact.address));
}

function plainRow(state: AccountState, address: string, action: HTMLElement): ListRow {
  return {
    key: address,
    signature: faceSignature(state, address),
    make: () =>
      h(
        'li',
        { class: 'entry plain' },
        h(
          'a',
          { class: 'entry-link', href: hrefOf.person(address) },
          face(state, address),
          who(state, address, address),
        ),
        action,
      ),
  };
}

function who(state: AccountState, address: string, words: string): HTMLElement {
  return h(
    'span',
    { class: 'entry-text' },
    h('span', { class: 'entry-name', dir: 'auto' }, nameOf(state, address)),
    h('span', { class: 'entry-words' }, h('bdi', {}, words)),
  );
}

export function button(
  what: string,
  label: string,
  state: AccountState,
  address: string,
  kind = 'small-button',
): HTMLElement {
  const name = nameOf(state, address);
  const attributes = { type: 'button', class: kind, 'data-do': what, 'data-who': address };
  return h('button', attributes, label, h('span', { class: 'unseen' }, ` ${name}`));
}
