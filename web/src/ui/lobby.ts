// The lobby's page: people at the side, the log, the composer, and the drawer on small screens.
//
// In comes a stay; out goes an element that follows it, and what the person does. Invariant: the page only shows the
// store's state and only changes it through the stay.
import { draft } from '../session-store';
import type { Stay } from '../stay';
import { avatar } from './avatar';
import { Composer } from './composer';
import { h, setText } from './dom';
import { icon } from './icons';
import { Log } from './log';
import { PeopleList } from './people';
import { StatusSign } from './status';

export interface LobbyPage {
  element: HTMLElement;
  focus(): void;
  end(): void;
}

/** `signedIn`: there is a way back to one's own chats. */
export function lobby(stay: Stay, onLeave: () => void, signedIn = false): LobbyPage {
  const { me } = stay.store.state;
  const log = new Log({
    onOlder: () => void stay.loadOlder(),
    onAgain: (id) => stay.sendAgain(id),
    onDiscard: (id) => stay.discard(id),
    onUnread: (count) => setTitle(count),
  });
  const composer = new Composer(
    { onSend: (text) => stay.send(text), onPage: (direction) => log.page(direction) },
    draft,
  );
  const status = new StatusSign({ onRetry: () => stay.retryNow(), onTakeOver: () => stay.takeOver() });
  const people = new PeopleList();
  const count = h('span', { class: 'people-count' });
  const subtitle = h('p', { class: 'room-subtitle' });
  const drawerCount = h('span', { class: 'drawer-count' });

  const leave = h(
    'button',
    { type: 'button', class: 'icon-button leave', title: 'Leave the lobby', 'aria-label': 'Leave the lobby' },
    icon('leave'),
  );
  leave.addEventListener('click', onLeave);
  const openButton = h(
    'button',
    { type: 'button', class: 'icon-button open-drawer', 'aria-controls': 'people', 'aria-expanded': 'false' },
    icon('people'),
    drawerCount,
    h('span', { class: 'unseen' }, ' people: show the list'),
  );
  const closeButton = h(
    'button',
    { type: 'button', class: 'icon-button close-drawer', 'aria-label': 'Close the list of people' },
    icon('close'),
  );
  const side = h(
    'aside',
    { class: 'side', id: 'people', 'aria-label': 'People in the lobby' },
    h(
      'div',
      { class: 'side-head' },
      h('span', { class: 'mark' }, icon('bell')),
      h('span', { class: 'brand' }, 'Belfry'),
      closeButton,
    ),
    h('h2', { class: 'side-title' }, 'In the lobby', count),
    h('div', { class: 'side-list', tabindex: 0, role: 'group', 'aria-label': 'People' }, people.element),
    h(
      'div',
      { class: 'side-foot' },
      avatar(me),
      h(
        'span',
        { class: 'foot-name' },
        h('span', { class: 'person-name', dir: 'auto' }, me),
        h('span', { class: 'small' }, 'That is you'),
      ),
      leave,
    ),
  );
  const back = signedIn
    ? h('a', { class: 'icon-button', href: '#/', 'aria-label': 'Back to your chats' }, icon('back'))
    : h('span', { class: 'mark' }, icon('bell'));
  const room = h(
    'main',
    { class: 'room' },
    h(
      'header',
      { class: 'room-head' },
      back,
      h('div', { class: 'room-names' }, h('h1', {}, 'Lobby'), subtitle),
      status.element,
      openButton,
    ),
    status.bar,
    log.element,
    composer.element,
  );
  const backdrop = h('div', { class: 'backdrop' });
  const element = h('div', { class: 'lobby' }, side, backdrop, room);
  const drawer = drawerOf(element, side, room, openButton, closeButton, backdrop);

  const unsubscribe = stay.store.subscribe((state) => {
    log.render(state);
    people.render(state.people, state.me);
    composer.setMax(state.textMax);
    status.render(state.link);
    const here = state.people.length;
    const words = here === 1 ? 'Only you are here' : here === 0 ? '' : `${here} people here`;
    setText(count, here === 0 ? '' : String(here));
    setText(drawerCount, here === 0 ? '' : String(here));
    setText(subtitle, words);
  });

  return {
    element,
    focus() {
      log.toBottom(false);
      // On a touch screen the keyboard would cover what one came to read.
      if (matchMedia('(pointer: fine)').matches) composer.focus();
    },
    end() {
      unsubscribe();
      drawer.end();
      log.end();
      status.end();
      setTitle(null);
    },
  };
}

function setTitle(unread: number | null): void {
  const title = unread === null ? 'Belfry' : unread > 0 ? `(${unread}) Lobby · Belfry` : 'Lobby · Belfry';
  if (document.title !== title) document.title = title;
}

/** On a small screen the list of people is a drawer: open, it has the focus and the rest is out of reach. */
function drawerOf(
  page: HTMLElement,
  side: HTMLElement,
  room: HTMLElement,
  openButton: HTMLElement,
  closeButton: HTMLElement,
  backdrop: HTMLElement,
): { end(): void } {
  const small = matchMedia('(max-width: 760px)');
  const set = (open: boolean) => {
    page.classList.toggle('drawer-open', open);
    openButton.setAttribute('aria-expanded', String(open));
    room.inert = open && small.matches;
    side.inert = !open && small.matches;
  };
  const close = () => {
    if (!page.classList.contains('drawer-open')) return;
    set(false);
    openButton.focus();
  };
  const escape = (event: KeyboardEvent) => event.key === 'Escape' && close();
  const resized = () => set(false);
  openButton.addEventListener('click', () => {
    set(true);
    closeButton.focus();
  });
  closeButton.addEventListener('click', close);
  backdrop.addEventListener('click', close);
  document.addEventListener('keydown', escape);
  small.addEventListener('change', resized);
  set(false);
  return {
    end() {
      document.removeEventListener('keydown', escape);
      small.removeEventListener('change', resized);
    },
  };
}
