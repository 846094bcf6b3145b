// The page's beginning: goes on with a stay or asks for a name, and shows one of the two pages.
//
// In comes what the tab remembers; out goes the page. Invariant: exactly one page is shown, and the one that goes is
// ended before the next one begins.
import './styles/base.css';
import './styles/welcome.css';
import './styles/lobby.css';
import './styles/log.css';
import './styles/composer.css';
import { lastName } from './session-store';
import { type Lost, Stay } from './stay';
import { h } from './ui/dom';
import { type LobbyPage, lobby } from './ui/lobby';
import { welcome } from './ui/welcome';

const root = document.getElementById('app') ?? document.body.appendChild(h('div', { id: 'app' }));
let page: LobbyPage | null = null;

function showWelcome(name: string, notice: string): void {
  page?.end();
  page = null;
  const join = async (chosen: string) => showLobby(await Stay.join(chosen, lost));
  root.replaceChildren(welcome({ name, notice, join }));
  document.getElementById('name')?.focus();
}

function showLobby(stay: Stay): void {
  page?.end();
  page = lobby(stay, () => {
    void stay.leave();
    showWelcome(stay.store.state.me, '');
  });
  root.replaceChildren(page.element);
  page.focus();
}

function lost({ name, reason, message }: Lost): void {
  const isolated = `\u2068${name}\u2069`;
  const notices = {
    taken: `You were away for a while, and somebody else is called ${isolated} now. Choose another name to come back.`,
    expired: `You were away for too long, so your place as ${isolated} was given up. Enter again to come back.`,
    refused: message || `Your place as ${isolated} was given up. Enter again to come back.`,
  };
  showWelcome(name, notices[reason]);
}

const stay = Stay.resume(lost);
if (stay) showLobby(stay);
else showWelcome(lastName.get(), '');
