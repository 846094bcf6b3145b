// The first page: choose a name.
//
// In come a name to begin with and word of why one is here again; out goes the chosen name, once the server took it.
// Invariant: whatever the server says stands beside the field, and the field keeps what was typed.
import { countGraphemes, tidyName } from '../core/text';
import { Refused } from '../protocol/errors';
import { paintAvatar } from './avatar';
import { h, setText } from './dom';
import { icon } from './icons';

const NAME_MAX = 16;
/** From so many characters on the counter shows. */
const COUNT_FROM = 11;

export interface WelcomeOptions {
  name: string;
  notice: string;
  /** Whether one is signed in. */
  account: boolean;
  join(name: string): Promise<void>;
}

export function welcome(options: WelcomeOptions): HTMLElement {
  const field = h('input', {
    id: 'name',
    class: 'name-field',
    type: 'text',
    autocomplete: 'nickname',
    autocapitalize: 'words',
    spellcheck: 'false',
    enterkeyhint: 'go',
    placeholder: 'For example Ada',
    'aria-describedby': 'name-hint',
    dir: 'auto',
  });
  field.value = options.name;
  const sign = h('span', { class: 'avatar' });
  sign.setAttribute('aria-hidden', 'true');
  const count = h('span', { class: 'name-count', 'aria-hidden': 'true' });
  const hint = h('p', { id: 'name-hint', class: 'name-hint', role: 'status' });
  const suggestion = h('button', { type: 'button', class: 'chip', hidden: true });
  const label = h('span', {}, 'Enter the lobby');
  const button = h('button', { type: 'submit', class: 'primary' }, label);
  const form = h(
    'form',
    { class: 'welcome-form', novalidate: true },
    h('label', { for: 'name' }, 'Your name'),
    h('div', { class: 'name-row' }, sign, field, count),
    hint,
    suggestion,
    button,
  );

  const say = (text: string, wrong: boolean) => {
    setText(hint, text);
    hint.classList.toggle('wrong', wrong);
    field.setAttribute('aria-invalid', String(wrong));
    suggestion.hidden = true;
  };
  const changed = () => {
    const length = countGraphemes(tidyName(field.value));
    paintAvatar(sign, tidyName(field.value));
    setText(count, length >= COUNT_FROM ? `${length}/${NAME_MAX}` : '');
    count.classList.toggle('wrong', length > NAME_MAX);
    if (length > NAME_MAX) say(`That is ${length} characters. A name has at most ${NAME_MAX}.`, true);
    else say('Up to 16 characters. Letters, spaces and emoji are fine.', false);
  };
  let busy = false;
  const submit = async () => {
    const name = tidyName(field.value);
    const length = countGraphemes(name);
    if (busy || length > NAME_MAX) return field.focus();
    if (length === 0) {
      say('Type a name first: others will see it next to what you write.', true);
      return field.focus();
    }
    busy = true;
    form.classList.add('busy');
    button.setAttribute('aria-disabled', 'true');
    setText(label, 'Entering…');
    try {
      await options.join(name);
    } catch (error) {
      say(explain(error, name), true);
      if (error instanceof Refused && error.code === 'name_taken') suggest(suggestion, field, name, changed);
      field.focus();
      field.select();
    } finally {
      busy = false;
      form.classList.remove('busy');
      button.removeAttribute('aria-disabled');
      setText(label, 'Enter the lobby');
    }
  };
  field.addEventListener('input', changed);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  changed();
  if (options.notice) say(options.notice, true);

  return h(
    'main',
    { class: 'welcome' },
    h(
      'div',
      { class: 'welcome-card' },
      h('div', { class: 'mark' }, icon('bell')),
      h('h1', {}, 'Belfry'),
      h('p', { class: 'lead' }, 'Choose a name and you are in the lobby. No account, no app, no waiting.'),
      form,
      h(
        'p',
        { class: 'small' },
        'The lobby is a public room: everyone in it sees your name and what you write. The name is yours while you are there.',
      ),
      options.account
        ? h('a', { class: 'account-link', href: '#/' }, 'Back to your chats')
        : h('a', { class: 'account-link', href: '#/sign-in' }, 'Sign in with an account'),
    ),
  );
}

/** What the server or the network said, in words that help. */
export function explain(error: unknown, name: string): string {
  if (!(error instanceof Refused)) {
    return 'The server cannot be reached. Look at your connection and try again.';
  }
  switch (error.code) {
    case 'name_taken':
      return `Somebody here is called \u2068${name}\u2069 already, or something very much like it. Choose another name.`;
    case 'rate_limited':
    case 'try_later':
      return `That was a little too often. Try again in ${Math.max(1, Math.ceil(error.retryAfterMs / 1000))} s.`;
    default:
      return sentence(error.message) || 'The server did not take this name. Try another one.';
  }
}

function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const whole = /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}

/** Offers a name that is most likely free. */
function suggest(chip: HTMLButtonElement, field: HTMLInputElement, name: string, changed: () => void): void {
  const free = `${name} ${2 + Math.floor(Math.random() * 97)}`;
  if (countGraphemes(free) > NAME_MAX) return;
  chip.textContent = `Use “${free}”`;
  chip.hidden = false;
  chip.onclick = () => {
    field.value = free;
    changed();
    field.focus();
  };
}
