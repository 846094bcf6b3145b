// One short word at the bottom of the page about what was just done, sometimes with a way back.
//
// In comes a sentence; out goes an element that shows it for a while. Invariant: at most one is shown, and it is read
// out once.
import { h } from './dom';

const SHOWN_MS = 6_000;

export class Toast {
  readonly element = h('div', { class: 'toast', role: 'status' });
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string, undo?: { label: string; act(): void }): void {
    clearTimeout(this.#timer);
    const button = undo && h('button', { type: 'button', class: 'link' }, undo.label);
    button?.addEventListener('click', () => {
      this.clear();
      undo?.act();
    });
    this.element.replaceChildren(h('span', {}, text), ...(button ? [button] : []));
    this.element.classList.add('shown');
    this.#timer = setTimeout(() => this.clear(), SHOWN_MS);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.element.classList.remove('shown');
    this.element.replaceChildren();
  }
}
