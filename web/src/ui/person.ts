// Somebody: their face and what they say of themselves, what one calls them, and what one does about them.
//
// In come the account and an address; out goes an element that follows the state. Invariant: what is being typed is
// never replaced by what comes from the server.
import type { Account } from '../account';
import { incoming, isContact, labels, mayAsk, nameOf } from '../core/account/lists';
import type { AccountState } from '../core/account/model';
import { hrefOf } from '../core/account/route';
import { presenceWords } from '../core/account/words';
import { button } from './contact-list';
import { h, morph } from './dom';
import { face, faceSignature } from './face';
import { area, field, form } from './form';
import type { Pane } from './home';
import { paneHead } from './pane';

export function personPane(account: Account, address: string): Pane {
  const { state } = account.store;
  const card = h('div', { class: 'person-card' });
  const buttons = h('div', { class: 'person-buttons' });
  const contact = state.contacts.get(address);
  const name = field('contact-name', {
    label: 'What you call them',
    hint: 'Only you see this. Empty: by their own name.',
    value: contact?.name ?? '',
    autocomplete: 'off',
    maxlength: 80,
  });
  const known = labels(state);
  const sorted = field('contact-labels', {
    label: 'Labels',
    hint: `Separated by commas, for example ${known.slice(0, 3).join(', ') || 'Family, Work'}. Only you see them.`,
    value: (contact?.labels ?? []).join(', '),
    autocomplete: 'off',
  });
  const rename = form(
    {
      button: 'Save',
      busy: 'Saving…',
      quiet: true,
      async submit() {
        await account.people.put(address, name.input.value.trim(), toLabels(sorted.input.value));
        return 'Saved.';
      },
    },
    name.element,
    sorted.element,
  );
  const note = area('request-note', {
    label: 'A word with the request',
    maxlength: 200,
    placeholder: 'Hello, it’s me',
  });
  const ask = form(
    {
      button: 'Send request',
      busy: 'Sending…',
      async submit() {
        await account.people.request(address, note.input.value.trim());
      },
    },
    note.element,
  );
  const nameCard = h('section', { class: 'panel' }, h('h2', {}, 'For yourself'), rename);
  const askCard = h('section', { class: 'panel' }, h('h2', {}, 'Ask to be in contact'), ask);
  const element = h(
    'main',
    { class: 'room pane' },
    paneHead('Person', hrefOf.chat(address)),
    h('div', { class: 'pane-body', tabindex: -1 }, card, buttons, askCard, nameCard),
  );
  let shown = '';

  return {
    element,
    render(now_: AccountState, now: number) {
      const row = now_.contacts.get(address);
      const words = presenceWords(now_.presences.get(address), now);
      const profile = now_.profiles.get(address);
      const signature = [faceSignature(now_, address), words, profile?.about, JSON.stringify(row)].join('\n');
      if (signature !== shown) {
        morph(card, personCard(now_, address, words));
        morph(buttons, personButtons(now_, address));
      }
      shown = signature;
      nameCard.hidden = !isContact(row);
      askCard.hidden = !mayAsk(row);
    },
    title: (now_) => nameOf(now_, address),
    focus: () => element.querySelector<HTMLElement>('.pane-body')?.focus(),
    end() {},
  };
}

function personCard(state: AccountState, address: string, words: string): HTMLElement {
  const profile = state.profiles.get(address);
  const name = nameOf(state, address);
  const own = profile && profile.name !== '' && profile.name !== name ? profile.name : '';
  return h(
    'div',
    { class: 'person-card' },
    face(state, address, 'large'),
    h('h1', { dir: 'auto' }, name),
    h('p', { class: 'address' }, own ? h('bdi', {}, `${own} · ${address}`) : h('bdi', {}, address)),
    words === '' ? null : h('p', { class: 'person-words' }, words),
    profile?.about ? h('p', { class: 'about', dir: 'auto' }, profile.about) : null,
  );
}

function personButtons(state: AccountState, address: string): HTMLElement {
  const contact = state.contacts.get(address);
  const element = h('div', { class: 'person-buttons' });
  const asks = incoming(state).some((other) => other.address === address);
  if (contact?.blocked) {
    element.append(button('unblock', 'Unblock', state, address, 'small-button strong'));
    return element;
  }
  element.append(h('a', { class: 'small-button strong', href: hrefOf.chat(address) }, 'Write'));
  if (asks) {
    element.append(button('accept', 'Accept request', state, address, 'small-button strong'));
    element.append(button('refuse', 'Refuse', state, address));
  }
  if (contact?.asks) element.append(button('withdraw', 'Withdraw request', state, address));
  else if (contact?.listed) element.append(button('remove', 'Remove contact', state, address));
  element.append(button('block', 'Block', state, address, 'small-button danger'));
  return element;
}

/** Each once, without empty ones. */
export function toLabels(text: string): string[] {
  return [...new Set(text.split(',').map((label) => label.trim().replace(/\s+/g, ' ')))].filter(Boolean);
}
