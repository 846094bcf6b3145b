// Forms: labelled fields, one button, and whatever the server says beside it.
//
// In come fields and what to do with them; out goes an element. Invariants: while an answer is awaited nothing is sent
// twice; a field keeps what was typed until it was taken.
import { Refused } from '../protocol/errors';
import { h, setText } from './dom';

type FieldOptions = Record<string, string | number | boolean | null> & { label: string; hint?: string };

export interface Field<Element extends HTMLElement> {
  element: HTMLElement;
  input: Element;
}

export function field(id: string, options: FieldOptions): Field<HTMLInputElement> {
  const { label, hint, ...attributes } = options;
  const input = h('input', { id, class: 'field-input', dir: 'auto', type: 'text', ...attributes });
  return { element: labelled(id, label, hint, input), input };
}

export function area(id: string, options: FieldOptions): Field<HTMLTextAreaElement> {
  const { label, hint, ...attributes } = options;
  const input = h('textarea', { id, class: 'field-input', dir: 'auto', rows: 2, ...attributes });
  return { element: labelled(id, label, hint, input), input };
}

export function choice(
  id: string,
  label: string,
  hint: string,
  choices: readonly (readonly [string, string])[],
): Field<HTMLSelectElement> {
  const options = choices.map(([value, words]) => h('option', { value }, words));
  const input = h('select', { id, class: 'field-input' }, ...options);
  return { element: labelled(id, label, hint, input), input };
}

function labelled(id: string, label: string, hint: string | undefined, input: HTMLElement): HTMLElement {
  if (hint) input.setAttribute('aria-describedby', `${id}-hint`);
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    input,
    hint ? h('p', { id: `${id}-hint`, class: 'field-hint' }, hint) : null,
  );
}

export interface FormOptions {
  /** On the button, and while an answer is awaited. */
  button: string;
  busy: string;
  quiet?: boolean;
  /** Does it; what it gives is said as done. Throws what the server said, or a sentence. */
  submit(): Promise<string | void>;
}

export function form(options: FormOptions, ...children: (HTMLElement | null)[]): HTMLFormElement {
  const says = h('p', { class: 'form-says', role: 'status' });
  const button = h(
    'button',
    { type: 'submit', class: options.quiet ? 'secondary' : 'primary' },
    options.button,
  );
  const element = h('form', { class: 'form', novalidate: true }, ...children, says, button);
  let busy = false;
  const submit = async () => {
    if (busy) return;
    busy = true;
    element.classList.add('busy');
    button.setAttribute('aria-disabled', 'true');
    setText(button, options.busy);
    setText(says, '');
    try {
      const done = await options.submit();
      says.classList.remove('wrong');
      setText(says, done ?? '');
    } catch (error) {
      says.classList.add('wrong');
      setText(says, explain(error));
    } finally {
      busy = false;
      element.classList.remove('busy');
      button.removeAttribute('aria-disabled');
      setText(button, options.button);
    }
  };
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  return element;
}

/** Something that a person typed will not do, in a sentence for them. */
export class NotYet extends Error {
  override name = 'NotYet';
}

/** What the server or the network said, in words that help. */
export function explain(error: unknown): string {
  if (error instanceof NotYet) return error.message;
  if (!(error instanceof Refused)) {
    return 'The server cannot be reached. Look at your connection and try again.';
  }
  switch (error.code) {
    case 'wrong_credentials':
      return 'The address or the password is wrong.';
    case 'rate_limited':
    case 'try_later':
      return `That was a little too often. Try again in ${waitWords(error.retryAfterMs)}.`;
    case 'blocking':
      return 'You have blocked this person. Unblock them first.';
  }
  const text = error.message.trim();
  if (text === '') return 'The server did not take this.';
  const whole = /[.!?]$/.test(text) ? text : `${text}.`;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}

function waitWords(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
}
