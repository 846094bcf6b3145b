// The pages before one is anywhere: sign in, and an invitation.
//
// In comes what was typed; out goes a session. Invariants: those of form.ts; a password is in its field and on its way,
// nowhere else.
import { type Invitation, type Session, lookAtInvite, signIn, signUp } from '../net/session';
import { Refused } from '../protocol/errors';
import { avatar } from './avatar';
import { h } from './dom';
import { NotYet, explain, field, form } from './form';
import { icon } from './icons';

const PASSWORD_MIN = 8;

export function signInPage(onDone: (session: Session) => void, notice: string): HTMLElement {
  return card(
    h('div', { class: 'mark' }, icon('bell')),
    h('h1', {}, 'Sign in'),
    notice ? h('p', { class: 'form-says wrong', role: 'status' }, notice) : null,
    signInForm(onDone, 'Sign in'),
    h('p', { class: 'small' }, 'No account? ', h('a', { href: '#/' }, 'Go to the lobby'), ', it needs none.'),
  );
}

function signInForm(onDone: (session: Session) => void, button: string): HTMLElement {
  const address = field('address', {
    label: 'Address',
    autocomplete: 'username',
    autocapitalize: 'none',
    spellcheck: 'false',
    inputmode: 'email',
    placeholder: 'ada@example.org',
  });
  const password = field('password', {
    label: 'Password',
    type: 'password',
    autocomplete: 'current-password',
  });
  return form(
    {
      button,
      busy: 'Signing in…',
      async submit() {
        const typed = address.input.value.trim();
        if (typed === '' || password.input.value === '') {
          (typed === '' ? address : password).input.focus();
          throw new NotYet('Type your address and your password.');
        }
        onDone(await signIn(typed.includes('@') ? typed : `${typed}@${here()}`, password.input.value));
      },
    },
    address.element,
    password.element,
  );
}

function signUpForm(token: string, onDone: (session: Session) => void): HTMLElement {
  const display = field('display-name', {
    label: 'Your name',
    autocomplete: 'name',
    placeholder: 'Ada Lovelace',
  });
  const name = field('account-name', {
    label: 'Address',
    hint: `Letters and digits; it becomes NAME@${here()} and stays.`,
    autocomplete: 'username',
    autocapitalize: 'none',
    spellcheck: 'false',
    placeholder: 'ada',
  });
  const password = field('new-password', {
    label: 'Password',
    hint: `${PASSWORD_MIN} characters or more.`,
    type: 'password',
    autocomplete: 'new-password',
  });
  return form(
    {
      button: 'Make an account',
      busy: 'Making it…',
      async submit() {
        const chosen = name.input.value.trim();
        if (chosen === '') {
          name.input.focus();
          throw new NotYet('Choose the name of your address.');
        }
        if (Array.from(password.input.value).length < PASSWORD_MIN) {
          password.input.focus();
          throw new NotYet(`The password needs ${PASSWORD_MIN} characters or more.`);
        }
        onDone(await signUp(token, chosen, password.input.value, display.input.value.trim() || chosen));
      },
    },
    display.element,
    name.element,
    password.element,
  );
}

export interface InviteOptions {
  token: string;
  /** One's own address if one is signed in; empty: one is not. */
  me: string;
  /** Accepts as the signed-in account. */
  accept(): Promise<void>;
  /** A session that is to accept. */
  onSignedIn(session: Session): void;
  /** A session of a new account, which is a contact already. */
  onSignedUp(session: Session, inviter: string): void;
}

export function invitePage(options: InviteOptions): HTMLElement {
  const body = h('div', { class: 'invite-body' }, h('p', { role: 'status' }, 'Looking at the invitation…'));
  lookAtInvite(options.token)
    .then((invitation) => body.replaceChildren(...inviteBody(invitation, options)))
    .catch((error: unknown) => {
      const gone = error instanceof Refused && error.code === 'not_found';
      const words = gone ? 'This invitation is used up, too old or was taken back.' : explain(error);
      body.replaceChildren(
        h('div', { class: 'mark' }, icon('bell')),
        h('h1', {}, 'Invitation'),
        h('p', { class: 'lead', role: 'status' }, words),
        h('p', { class: 'small' }, h('a', { href: '/' }, 'Go to Belfry')),
      );
    });
  return card(body);
}

function inviteBody(invitation: Invitation, options: InviteOptions): HTMLElement[] {
  const head = [
    h('div', { class: 'invite-face' }, avatar(invitation.name)),
    h('h1', {}, h('bdi', {}, invitation.name), ' invites you'),
    h(
      'p',
      { class: 'lead' },
      h('bdi', { class: 'address' }, invitation.address),
      ' wants to be in contact with you on Belfry.',
    ),
  ];
  if (options.me !== '') {
    const accept = form({ button: 'Accept', busy: 'Accepting…', submit: () => options.accept() });
    return [
      ...head,
      accept,
      h('p', { class: 'small' }, 'You are signed in as ', h('bdi', {}, options.me), '.'),
      ...elsewhere(invitation),
    ];
  }
  const panel = h('div', { class: 'invite-panel' });
  const have = h('button', { type: 'button', class: 'tab', 'aria-pressed': 'false' }, 'I have an account');
  const make = h('button', { type: 'button', class: 'tab', 'aria-pressed': 'false' }, 'Make an account');
  const choose = (chosen: HTMLElement) => {
    for (const tab of [have, make]) tab.setAttribute('aria-pressed', String(tab === chosen));
    const shown =
      chosen === have
        ? signInForm(options.onSignedIn, 'Sign in and accept')
        : signUpForm(options.token, (session) => options.onSignedUp(session, invitation.address));
    panel.replaceChildren(shown);
  };
  have.addEventListener('click', () => choose(have));
  make.addEventListener('click', () => choose(make));
  choose(invitation.signUp ? make : have);
  if (!invitation.signUp) {
    const words = h('p', { class: 'small' }, 'This invitation is for people who have an account.');
    return [...head, panel, words, ...elsewhere(invitation)];
  }
  return [...head, h('div', { class: 'tabs' }, make, have), panel, ...elsewhere(invitation)];
}

/** For who would rather use an app of XMPP than this page. */
function elsewhere({ xmpp }: Invitation): HTMLElement[] {
  if (!xmpp.startsWith('xmpp:')) return [];
  return [
    h(
      'p',
      { class: 'small' },
      'Or ',
      h('a', { class: 'in-xmpp', href: xmpp }, 'open it in an XMPP app'),
      '.',
    ),
  ];
}

function card(...children: (HTMLElement | null)[]): HTMLElement {
  return h('main', { class: 'welcome' }, h('div', { class: 'welcome-card' }, ...children));
}

/** The domain that addresses most likely have here. */
function here(): string {
  const { hostname } = location;
  return /^[\d.]+$|^\[/.test(hostname) ? 'localhost' : hostname;
}
