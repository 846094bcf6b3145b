// The round sign of a person: initials on the colour of the name.
//
// In comes a name; out goes an element. Invariant: it says nothing to screen readers, the name stands beside it.
import { avatarColour } from '../core/avatar';
import { initials } from '../core/text';
import { h } from './dom';

export function avatar(name: string): HTMLElement {
  const sign = h('span', { class: 'avatar', 'aria-hidden': 'true' });
  paintAvatar(sign, name);
  return sign;
}

export function paintAvatar(sign: HTMLElement, name: string): void {
  const letters = initials(name);
  sign.className = letters === '' ? 'avatar avatar-empty' : `avatar avatar-${avatarColour(name)}`;
  sign.textContent = letters;
}
