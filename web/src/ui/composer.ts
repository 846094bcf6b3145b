// Where one writes: a field that grows, a counter near the limit, and the button.
//
// In come keys; out go texts of 1 to the limit's characters. Invariant: a text that is too long is never cut nor sent,
// only marked.
import { countGraphemes } from '../core/text';
import { h, setText } from './dom';
import { icon } from './icons';

/** The counter shows when so few characters are left. */
const COUNT_LEFT = 20;

/** Where what is being written is kept. */
export interface Draft {
  get(): string;
  set(text: string): void;
}

export interface ComposerEvents {
  onSend(text: string): void;
  onPage(direction: 1 | -1): void;
  /** The person types. */
  onWriting?(): void;
}

export class Composer {
  readonly element: HTMLFormElement;
  #field = h('textarea', {
    class: 'composer-field',
    rows: 1,
    placeholder: 'Write a message',
    'aria-label': 'Message',
    'aria-describedby': 'composer-count',
    enterkeyhint: 'send',
    autocomplete: 'off',
    dir: 'auto',
  });
  /** Has the field's text and so its height: the field grows with it, by the style sheet alone. */
  #mirror = h('div', { class: 'composer-mirror', 'aria-hidden': 'true' });
  #count = h('span', { id: 'composer-count', class: 'composer-count' });
  #button = h('button', { type: 'submit', class: 'send', 'aria-label': 'Send', title: 'Send (Enter)' });
  #max = 140;
  #events: ComposerEvents;
  #draft: Draft;

  constructor(events: ComposerEvents, draft: Draft) {
    this.#events = events;
    this.#draft = draft;
    this.#button.append(icon('send'));
    this.element = h(
      'form',
      { class: 'composer', novalidate: true },
      h('div', { class: 'composer-box' }, this.#mirror, this.#field, this.#count),
      this.#button,
    );
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener('keydown', (event) => this.#key(event));
    this.#field.addEventListener('input', () => {
      this.#changed();
      if (this.#field.value.trim() !== '') this.#events.onWriting?.();
    });
    this.#field.value = this.#draft.get();
    this.#changed();
  }

  setMax(max: number): void {
    if (max === this.#max) return;
    this.#max = max;
    this.#changed();
  }

  focus(): void {
    this.#field.focus();
  }

  #key(event: KeyboardEvent): void {
    // While an input method composes, Enter belongs to it.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.#submit();
    }
    if (event.key === 'PageUp' || event.key === 'PageDown') {
      event.preventDefault();
      this.#events.onPage(event.key === 'PageDown' ? 1 : -1);
    }
  }

  #changed(): void {
    const text = this.#field.value;
    this.#draft.set(text);
    // A last empty line has no height without something on it.
    this.#mirror.textContent = `${text}\u200b`;
    const left = this.#max - countGraphemes(text.trim());
    setText(this.#count, left <= COUNT_LEFT ? String(left) : '');
    if (left <= COUNT_LEFT) {
      const words = left < 0 ? `${-left} characters too many` : `${left} characters left`;
      this.#count.setAttribute('aria-label', words);
    }
    this.#count.classList.toggle('wrong', left < 0);
    this.#field.setAttribute('aria-invalid', String(left < 0));
    const ready = text.trim() !== '' && left >= 0;
    this.#button.classList.toggle('ready', ready);
    this.#button.setAttribute('aria-disabled', String(!ready));
  }

  #submit(): void {
    const text = this.#field.value.trim();
    if (text === '' || countGraphemes(text) > this.#max) return this.focus();
    this.#field.value = '';
    this.#changed();
    this.#events.onSend(text);
    this.focus();
  }
}
