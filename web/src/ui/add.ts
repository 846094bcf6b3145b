// Finding people: by their address or number, or by a link that one hands on.
//
// In come the account and what is typed; out go a found person to ask, and an invitation as a link and a QR code.
// Invariant: that nobody was found is said in the same words, whether there is none or they do not want to be found.
import type { Account } from '../account';
import { isContact, mayAsk, nameOf } from '../core/account/lists';
import type { Profile } from '../core/account/model';
import { hrefOf } from '../core/account/route';
import { qrCode } from '../core/qr';
import { h } from './dom';
import { face } from './face';
import { NotYet, area, choice, field, form } from './form';
import type { Pane } from './home';
import { paneHead } from './pane';

export function addPane(account: Account): Pane {
  const query = field('find', {
    label: 'Address or phone number',
    hint: 'A phone number begins with a plus. People can choose not to be found by it.',
    autocapitalize: 'none',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'grace@example.org or +49…',
  });
  const found = h('div', { class: 'found', 'aria-live': 'polite' });
  const search = form(
    {
      button: 'Find',
      busy: 'Looking…',
      async submit() {
        found.replaceChildren();
        const text = query.input.value.trim();
        if (text === '') {
          query.input.focus();
          throw new NotYet('Type an address or a phone number.');
        }
        const profile = await account.people.find(
          text.startsWith('+') ? text.replace(/[\s()/-]/g, '') : text,
        );
        if (!profile) throw new NotYet('Nobody was found by this.');
        found.replaceChildren(foundCard(account, profile));
      },
    },
    query.element,
  );
  const element = h(
    'main',
    { class: 'room pane' },
    paneHead('Add people', '#/people'),
    h(
      'div',
      { class: 'pane-body' },
      h('section', { class: 'panel' }, h('h1', {}, 'Find somebody'), search, found),
      h('section', { class: 'panel' }, h('h2', {}, 'Invite by a link'), inviteForm(account)),
    ),
  );
  return {
    element,
    render() {},
    title: () => 'Add people',
    focus: () => query.input.focus(),
    end() {},
  };
}

function foundCard(account: Account, { address, about }: Profile): HTMLElement {
  const { state } = account.store;
  const head = h(
    'div',
    { class: 'request-who' },
    face(state, address),
    h(
      'span',
      { class: 'entry-text' },
      h('span', { class: 'entry-name', dir: 'auto' }, nameOf(state, address)),
      h('span', { class: 'entry-words' }, h('bdi', {}, address)),
    ),
  );
  const said = about ? h('p', { class: 'about', dir: 'auto' }, about) : null;
  const write = h('a', { class: 'small-button', href: hrefOf.chat(address) }, 'Write');
  if (address === state.me) return h('div', { class: 'found-card' }, head, h('p', {}, 'That is you.'));
  const contact = state.contacts.get(address);
  if (!mayAsk(contact)) {
    const words = contact?.blocked
      ? 'You have blocked this person.'
      : contact?.asks
        ? 'You have asked already.'
        : contact?.request
          ? 'They have asked you: look under People.'
          : 'You know each other already.';
    return h('div', { class: 'found-card' }, head, said, h('p', {}, words), write);
  }
  const note = area('note', {
    label: 'A word with the request',
    maxlength: 200,
    placeholder: 'Hello, we met at the library',
  });
  const ask = form(
    {
      button: 'Send request',
      busy: 'Sending…',
      async submit() {
        await account.people.request(address, note.input.value.trim());
        return isContact(account.store.state.contacts.get(address))
          ? 'You are in contact now.'
          : 'The request was sent.';
      },
    },
    note.element,
  );
  return h('div', { class: 'found-card' }, head, said, ask);
}

const FOR_WHOM = [
  ['contact', 'Somebody who has an account'],
  ['sign-up', 'Somebody new, who makes an account'],
] as const;

function inviteForm(account: Account): HTMLElement {
  const kind = choice('invite-kind', 'For whom', 'Good for one person, for seven days.', FOR_WHOM);
  const made = h('div', { class: 'invite-made', 'aria-live': 'polite' });
  const make = form(
    {
      button: 'Make a link',
      busy: 'Making it…',
      quiet: true,
      async submit() {
        const link = await account.people.invite(kind.input.value === 'sign-up');
        made.replaceChildren(...linkCard(link));
      },
    },
    kind.element,
  );
  return h('div', {}, make, made);
}

function linkCard(link: string): HTMLElement[] {
  const text = field('invite-link', { label: 'The link', value: link, readonly: true, dir: 'ltr' });
  text.input.addEventListener('focus', () => text.input.select());
  const copy = h('button', { type: 'button', class: 'small-button strong' }, 'Copy link');
  copy.addEventListener('click', () => {
    // Without TLS there is no clipboard: then the link is marked, to be copied by hand.
    if (!navigator.clipboard) return text.input.focus();
    navigator.clipboard.writeText(link).then(
      () => (copy.textContent = 'Copied'),
      () => text.input.focus(),
    );
  });
  return [qrElement(link), text.element, copy];
}

export function qrElement(text: string): HTMLElement {
  const { size, path } = qrCode(text);
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('shape-rendering', 'crispEdges');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', 'QR code of the link');
  const dark = document.createElementNS(namespace, 'path');
  dark.setAttribute('d', path);
  svg.append(dark);
  return h('div', { class: 'qr' }, svg);
}
