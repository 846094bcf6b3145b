// The signed-in half's page: the lists at the side, and beside them what was chosen.
//
// In come an account and where in the page one is; out goes an element that follows both. Invariants: exactly one pane
// is shown, and the one that goes is ended first; on a small screen either the lists or the pane is in sight.
import type { Account } from '../account';
import { incoming, nameOf, unreadChats } from '../core/account/lists';
import type { AccountState } from '../core/account/model';
import type { Route, Tab } from '../core/account/route';
import { addPane } from './add';
import { chatSections } from './chat-list';
import { chatPane } from './chat';
import { contactSections } from './contact-list';
import { listenForDeeds } from './deeds';
import { h, setText } from './dom';
import { face, faceSignature } from './face';
import { icon } from './icons';
import { personPane } from './person';
import { Sections } from './sections';
import { settingsPane } from './settings';
import { StatusSign } from './status';
import { Toast } from './toast';

/** Times in words are looked at anew so often. */
const TICK_MS = 20_000;

export interface Pane {
  element: HTMLElement;
  render(state: AccountState, now: number): void;
  title(state: AccountState): string;
  focus(): void;
  end(): void;
}

export interface HomePage {
  element: HTMLElement;
  go(route: Route): void;
  end(): void;
}

export function home(account: Account, onSignOut: () => void): HomePage {
  const toast = new Toast();
  const status = new StatusSign(
    { onRetry: () => account.retryNow(), onTakeOver: () => account.takeOver() },
    'Belfry',
  );
  const lists = new Sections();
  const empty = h('div', { class: 'list-empty', hidden: true });
  const own = h('span', { class: 'face-place' });
  const ownName = h('span', { class: 'person-name', dir: 'auto' });
  const tabs = { chats: tabLink('chats', 'Chats', '#/'), people: tabLink('people', 'People', '#/people') };
  const list = h('section', { class: 'side-list', 'aria-label': 'Chats and people' }, empty, lists.element);
  const settings = h(
    'a',
    { class: 'foot-own', href: '#/settings', title: 'Settings' },
    own,
    h('span', { class: 'foot-name' }, ownName, h('span', { class: 'small' }, 'Settings')),
  );
  const side = h(
    'div',
    { class: 'side home-side' },
    h(
      'header',
      {},
      h(
        'div',
        { class: 'side-head' },
        h('span', { class: 'mark' }, icon('bell')),
        h('h1', { class: 'brand' }, 'Belfry'),
        status.element,
        h(
          'a',
          { class: 'icon-button', href: '#/add', 'aria-label': 'Add people', title: 'Add people' },
          icon('add'),
        ),
      ),
      status.bar,
    ),
    h(
      'nav',
      { class: 'side-tabs', 'aria-label': 'Chats and people' },
      tabs.chats.element,
      tabs.people.element,
    ),
    list,
    h(
      'footer',
      { class: 'side-foot' },
      settings,
      h('a', { class: 'small-button lobby-link', href: '#/lobby' }, icon('bell'), 'Lobby'),
    ),
  );
  const place = h('div', { class: 'pane-place' });
  const element = h('div', { class: 'lobby home' }, side, place, toast.element);
  listenForDeeds(element, account, toast);

  let tab: Tab = 'chats';
  let pane: Pane = nothing();
  let open = '';
  let ownShown = '';
  let soon: ReturnType<typeof setTimeout> | undefined;

  const render = (state: AccountState) => {
    const now = Date.now();
    status.render(state.link);
    lists.render(tab === 'chats' ? chatSections(state, open, now) : contactSections(state, open, now));
    renderEmpty(empty, state, tab, lists.element);
    const [chats, requests] = [unreadChats(state), incoming(state).length];
    tabs.chats.count(chats);
    tabs.people.count(requests);
    setText(ownName, nameOf(state, state.me));
    const signature = faceSignature(state, state.me);
    if (signature !== ownShown) own.replaceChildren(face(state, state.me));
    ownShown = signature;
    pane.render(state, now);
    const title = pane.title(state);
    const name = title === '' ? 'Belfry' : `${title} · Belfry`;
    document.title = chats > 0 ? `(${chats}) ${name}` : name;
    clearTimeout(soon);
    const typing = [...state.chats.values()].map((chat) => chat.typingUntil).filter((until) => until > now);
    if (typing.length > 0) soon = setTimeout(() => render(account.store.state), Math.min(...typing) - now);
  };
  const unsubscribe = account.store.subscribe(render);
  const tick = setInterval(() => render(account.store.state), TICK_MS);

  return {
    element,
    go(route) {
      pane.end();
      if (route.pane === 'none') tab = route.tab;
      if (route.pane === 'add') tab = 'people';
      open = 'address' in route ? route.address : '';
      const back = tab === 'people' ? '#/people' : '#/';
      pane = paneOf(route, back, account, toast, onSignOut);
      for (const [name, link] of Object.entries(tabs)) link.current(name === tab);
      element.classList.toggle('pane-open', route.pane !== 'none');
      // What one came for is the list, as long as nothing else was chosen.
      list.setAttribute('role', route.pane === 'none' ? 'main' : 'region');
      place.replaceChildren(pane.element);
      account.directory.open(open === '' ? null : open);
      render(account.store.state);
      if (route.pane !== 'none') pane.focus();
    },
    end() {
      pane.end();
      clearInterval(tick);
      clearTimeout(soon);
      unsubscribe();
      status.end();
      account.directory.open(null);
      document.title = 'Belfry';
    },
  };
}

function paneOf(route: Route, back: string, account: Account, toast: Toast, onSignOut: () => void): Pane {
  switch (route.pane) {
    case 'chat':
      return chatPane(account, route.address, back);
    case 'person':
      return personPane(account, route.address);
    case 'add':
      return addPane(account);
    case 'settings':
      return settingsPane(account, back, toast, onSignOut);
    default:
      return nothing();
  }
}

function nothing(): Pane {
  const element = h(
    'div',
    { class: 'room pane pane-nothing', 'aria-hidden': 'true' },
    h('div', { class: 'nothing' }, icon('chat'), h('p', {}, 'Choose a chat, or somebody to write to.')),
  );
  return { element, render() {}, title: () => '', focus() {}, end() {} };
}

function tabLink(name: string, label: string, href: string) {
  const badge = h('span', { class: 'count', hidden: true });
  const element = h('a', { class: `side-tab side-tab-${name}`, href }, label, badge);
  return {
    element,
    current: (is: boolean) => element.setAttribute('aria-current', is ? 'true' : 'false'),
    count(count: number) {
      setText(badge, String(count));
      badge.hidden = count === 0;
    },
  };
}

function renderEmpty(empty: HTMLElement, state: AccountState, tab: Tab, lists: HTMLElement): void {
  empty.hidden = lists.querySelector('.entries > *') !== null;
  if (empty.hidden) return;
  const words = !state.ready
    ? 'Loading…'
    : tab === 'chats'
      ? 'No chats yet. Choose somebody under People and say hello.'
      : 'Nobody here yet. Add people by their address, or invite them by a link.';
  if (empty.dataset['words'] === words) return;
  empty.dataset['words'] = words;
  const add = h('a', { class: 'small-button strong', href: '#/add' }, 'Add people');
  empty.replaceChildren(h('p', {}, words), ...(state.ready ? [add] : []));
}
