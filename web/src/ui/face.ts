// Somebody's face: their picture or initials, with the mark of how they are there.
//
// In come the state and an address; out goes an element. Invariant: it says nothing to screen readers; name and presence
// stand beside it in words.
import { nameOf } from '../core/account/lists';
import type { AccountState, Availability } from '../core/account/model';
import { avatar } from './avatar';
import { h } from './dom';

export function face(state: AccountState, address: string, size: 'small' | 'large' = 'small'): HTMLElement {
  const url = pictureOf(state, address);
  return h(
    'span',
    { class: size === 'large' ? 'face face-large' : 'face', 'aria-hidden': 'true' },
    url === '' ? avatar(nameOf(state, address)) : h('img', { class: 'avatar', src: url, alt: '' }),
    presenceMark(availabilityOf(state, address)),
  );
}

/** What of a face shows; equal signatures need no new element. */
export function faceSignature(state: AccountState, address: string): string {
  return [nameOf(state, address), pictureOf(state, address), availabilityOf(state, address)].join('\n');
}

function availabilityOf(state: AccountState, address: string): Availability {
  if (address === state.me) return state.link.phase === 'live' ? state.shown : 'offline';
  return state.presences.get(address)?.availability ?? 'offline';
}

function pictureOf(state: AccountState, address: string): string {
  return state.pictures.get(state.profiles.get(address)?.pictureId ?? '') ?? '';
}

function presenceMark(availability: Availability): HTMLElement {
  return h('span', { class: `presence ${availability}` });
}
