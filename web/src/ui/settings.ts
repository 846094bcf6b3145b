// One's own settings: how one is shown, what one says of oneself, who may see what, and the way out.
//
// In come the account and what is chosen; out goes an element that follows the state. Invariant: a choice shows what the
// server has, also after it was refused.
import type { Account } from '../account';
import { nameOf } from '../core/account/lists';
import type { AccountState, Audience, Availability, Privacy } from '../core/account/model';
import { area, choice, explain, field, form } from './form';
import { h, morph } from './dom';
import { face, faceSignature } from './face';
import { icon } from './icons';
import type { Pane } from './home';
import { paneHead } from './pane';
import { toPicture } from './picture';
import type { Toast } from './toast';

const SHOWN: readonly (readonly [Availability, string, string])[] = [
  ['online', 'Online', 'Away while you do not look'],
  ['away', 'Away', 'There, but not looking'],
  ['busy', 'Busy', 'Not to be disturbed'],
  ['offline', 'Invisible', 'As if you were not there'],
];
const AUDIENCES = [
  ['everyone', 'Everyone'],
  ['contacts', 'My contacts'],
  ['nobody', 'Nobody'],
] as const;
const PRIVACY: readonly (readonly [keyof Privacy, string, string])[] = [
  ['lastSeen', 'Online and last seen', 'Of those who may not see yours you do not see theirs.'],
  ['readReceipts', 'Read ticks', 'Of those who are not told by you, you are not told.'],
  ['picture', 'Picture', ''],
  ['about', 'About', ''],
  ['foundByPhone', 'Found by phone number', ''],
];

export function settingsPane(account: Account, back: string, toast: Toast, onSignOut: () => void): Pane {
  const { store } = account;
  const card = h('div', { class: 'person-card' });
  const presence = presenceChoice(account, toast);
  const privacy = privacyChoices(account, toast);
  const out = h('button', { type: 'button', class: 'small-button danger' }, icon('leave'), 'Sign out');
  out.addEventListener('click', onSignOut);
  const element = h(
    'main',
    { class: 'room pane' },
    paneHead('Settings', back),
    h(
      'div',
      { class: 'pane-body', tabindex: -1 },
      card,
      h('section', { class: 'panel' }, h('h2', {}, 'How you are shown'), presence.element),
      h(
        'section',
        { class: 'panel' },
        h('h2', {}, 'About you'),
        pictureButtons(account, toast),
        profileForm(account),
      ),
      h('section', { class: 'panel' }, h('h2', {}, 'Who may see'), ...privacy.elements),
      h(
        'section',
        { class: 'panel' },
        h('h2', {}, 'This browser'),
        h('p', { class: 'small' }, 'Signing out removes this browser from your devices.'),
        out,
      ),
    ),
  );
  let shown = '';
  return {
    element,
    render(state: AccountState) {
      const signature = [faceSignature(state, state.me), state.profiles.get(state.me)?.about].join('\n');
      if (signature !== shown) morph(card, ownCard(state));
      shown = signature;
      presence.render(state);
      privacy.render(state);
    },
    title: () => 'Settings',
    focus: () => element.querySelector<HTMLElement>('.pane-body')?.focus(),
    end() {},
  };

  function ownCard(state: AccountState): HTMLElement {
    const about = state.profiles.get(state.me)?.about ?? '';
    return h(
      'div',
      { class: 'person-card' },
      face(state, store.state.me, 'large'),
      h('h1', { dir: 'auto' }, nameOf(state, state.me)),
      h('p', { class: 'address' }, h('bdi', {}, state.me)),
      about ? h('p', { class: 'about', dir: 'auto' }, about) : null,
    );
  }
}

function presenceChoice(account: Account, toast: Toast) {
  const radios = SHOWN.map(([value, label, hint]) => {
    const input = h('input', { type: 'radio', name: 'shown', value, class: 'radio' });
    input.addEventListener('change', () => {
      account.show(value).catch((error: unknown) => {
        toast.say(explain(error));
        render(account.store.state);
      });
    });
    const mark = h('span', { class: `presence ${value}`, 'aria-hidden': 'true' });
    const words = h('span', { class: 'radio-words' }, label, h('span', { class: 'small' }, hint));
    return { value, input, element: h('label', { class: 'radio-row' }, input, mark, words) };
  });
  const render = (state: AccountState) => {
    for (const { value, input } of radios) input.checked = value === state.shown;
  };
  const legend = h('legend', { class: 'unseen' }, 'How you are shown');
  const element = h('fieldset', { class: 'radios' }, legend, ...radios.map(({ element }) => element));
  return { element, render };
}

function privacyChoices(account: Account, toast: Toast) {
  const choices = PRIVACY.map(([what, label, hint]) => {
    const { element, input } = choice(`privacy-${what}`, label, hint, AUDIENCES);
    input.addEventListener('change', () => {
      account
        .setPrivacy(what, input.value as Audience)
        .then(() => toast.say('Saved.'))
        .catch((error: unknown) => toast.say(explain(error)))
        .finally(() => render(account.store.state));
    });
    element.classList.add('field-inline');
    return { what, input, element };
  });
  const render = ({ privacy }: AccountState) => {
    for (const { what, input } of choices) {
      input.disabled = privacy === null;
      if (privacy && document.activeElement !== input) input.value = privacy[what];
      else if (privacy && input.value !== privacy[what]) input.value = privacy[what];
    }
  };
  return { elements: choices.map(({ element }) => element), render };
}

function pictureButtons(account: Account, toast: Toast): HTMLElement {
  const file = h('input', { type: 'file', accept: 'image/*', id: 'picture', class: 'unseen' });
  const label = h('label', { for: 'picture', class: 'small-button' }, 'Choose a picture');
  const none = h('button', { type: 'button', class: 'small-button' }, 'No picture');
  const save = async (picture: { mime: string; data: Uint8Array }) => {
    await account.setProfile({ picture });
    toast.say(picture.data.length > 0 ? 'This is your picture now.' : 'Your picture is gone.');
  };
  file.addEventListener('change', () => {
    const chosen = file.files?.[0];
    file.value = '';
    if (chosen)
      toPicture(chosen)
        .then(save)
        .catch((error: unknown) => toast.say(explain(error)));
  });
  none.addEventListener('click', () => {
    save({ mime: '', data: new Uint8Array() }).catch((error: unknown) => toast.say(explain(error)));
  });
  return h('div', { class: 'request-buttons' }, file, label, none);
}

function profileForm(account: Account): HTMLElement {
  const { state } = account.store;
  const own = state.profiles.get(state.me);
  const name = field('own-name', {
    label: 'Name',
    value: own?.name ?? '',
    autocomplete: 'name',
    maxlength: 64,
  });
  const about = area('own-about', { label: 'About', maxlength: 200, placeholder: 'Something about you' });
  about.input.value = own?.about ?? '';
  return form(
    {
      button: 'Save',
      busy: 'Saving…',
      quiet: true,
      async submit() {
        await account.setProfile({ displayName: name.input.value.trim(), about: about.input.value.trim() });
        return 'Saved.';
      },
    },
    name.element,
    about.element,
  );
}
