// The page's beginning: goes on with an account or a stay, or asks for a name, and shows what the address says.
//
// In comes what the browser remembers; out goes the page. Invariant: exactly one page is shown, and the one that goes is
// ended before the next one begins; an account stays live while one is in the lobby.
import './styles/base.css';
import './styles/welcome.css';
import './styles/lobby.css';
import './styles/log.css';
import './styles/composer.css';
import './styles/forms.css';
import './styles/home.css';
import './styles/pane.css';
import { Account } from './account';
import { session as keptSession } from './account-store';
import { nameOf } from './core/account/lists';
import { hrefOf, invitationIn, toRoute } from './core/account/route';
import { graphemes } from './core/text';
import type { Session } from './net/session';
import { lastName } from './session-store';
import { type Lost, Stay } from './stay';
import { invitePage, signInPage } from './ui/card';
import { h } from './ui/dom';
import { explain } from './ui/form';
import { type HomePage, home } from './ui/home';
import { type LobbyPage, lobby } from './ui/lobby';
import { welcome } from './ui/welcome';

/** Longest name in the lobby. */
const NAME_MAX = 16;

const root = document.getElementById('app') ?? document.body.appendChild(h('div', { id: 'app' }));
let account: Account | null = null;
let stay: Stay | null = null;
let shown: { home?: HomePage; lobby?: LobbyPage } = {};

function show(element: HTMLElement, next: typeof shown = {}): void {
  shown.home?.end();
  shown.lobby?.end();
  shown = next;
  root.replaceChildren(element);
}

/** Shows what the address says. */
function route(notice = ''): void {
  const place = toRoute(location.hash);
  const token = invitationIn(location.pathname);
  if (token !== null) showInvite(token);
  else if (account && place.pane === 'lobby') void showLobbyOfAccount(account);
  else if (account) showHome(account);
  else if (place.pane === 'sign-in') show(signInPage(signedIn, notice));
  else if (stay) showLobby(stay);
  else showWelcome(lastName.get(), notice);
}

function showHome(account: Account): void {
  if (!shown.home) {
    const page = home(account, () => void signOut(account));
    show(page.element, { home: page });
  }
  shown.home?.go(toRoute(location.hash));
}

function showWelcome(name: string, notice: string): void {
  const join = async (chosen: string) => showLobby((stay = await Stay.join(chosen, lost)));
  show(welcome({ name, notice, join, account: account !== null }));
  document.getElementById('name')?.focus();
}

function showLobby(current: Stay): void {
  const page = lobby(
    current,
    () => {
      stay = null;
      void current.leave();
      if (account) location.hash = '#/';
      else showWelcome(current.store.state.me, '');
    },
    account !== null,
  );
  show(page.element, { lobby: page });
  page.focus();
}

/** The lobby, under the name that the account has; a name that is taken is asked for. */
async function showLobbyOfAccount({ store }: Account): Promise<void> {
  if (stay) return showLobby(stay);
  const name = graphemes(nameOf(store.state, store.state.me)).slice(0, NAME_MAX).join('').trim();
  try {
    stay = await Stay.join(name, lost);
    if (toRoute(location.hash).pane === 'lobby') showLobby(stay);
  } catch (error) {
    showWelcome(name, explain(error));
  }
}

function showInvite(token: string): void {
  const page = invitePage({
    token,
    me: account?.store.state.me ?? '',
    accept: async () => {
      if (account) accepted(await account.people.acceptInvite(token));
    },
    async onSignedIn(session) {
      const signed = begin(session);
      try {
        accepted(await signed.people.acceptInvite(token));
      } catch {
        // One is signed in now, so the page says once more what the invitation is good for.
        route();
      }
    },
    onSignedUp(session, inviter) {
      begin(session);
      accepted(inviter);
    },
  });
  show(page);
}

function accepted(address: string): void {
  history.replaceState(null, '', `/${address === '' ? '#/people' : hrefOf.chat(address)}`);
  route();
}

function begin(session: Session): Account {
  account = new Account(session, (message) => {
    account = null;
    location.hash = '#/sign-in';
    route(message || 'This browser was removed from your devices. Sign in again.');
  });
  return account;
}

function signedIn(session: Session): void {
  begin(session);
  history.replaceState(null, '', '#/');
  route();
}

async function signOut(current: Account): Promise<void> {
  account = null;
  history.replaceState(null, '', '#/');
  const leaving = current.signOut();
  route();
  await leaving;
}

function lost({ name, reason, message }: Lost): void {
  stay = null;
  if (account && !shown.lobby) return;
  const isolated = `\u2068${name}\u2069`;
  const notices = {
    taken: `You were away for a while, and somebody else is called ${isolated} now. Choose another name to come back.`,
    expired: `You were away for too long, so your place as ${isolated} was given up. Enter again to come back.`,
    refused: message || `Your place as ${isolated} was given up. Enter again to come back.`,
  };
  showWelcome(name, notices[reason]);
}

const kept = keptSession.get();
if (kept) begin(kept);
stay = Stay.resume(lost);
addEventListener('hashchange', () => route());
route();
