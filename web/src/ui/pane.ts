// The head of a pane: the way back on small screens, and what it is.
//
// In come a title and where back leads; out goes an element. Invariant: the way back is the first thing that a keyboard
// reaches.
import { h } from './dom';
import { icon } from './icons';

export function paneHead(title: string, back: string): HTMLElement {
  return h(
    'header',
    { class: 'pane-head' },
    h('a', { class: 'icon-button back', href: back, 'aria-label': 'Back' }, icon('back')),
    h('span', { class: 'pane-title' }, title),
  );
}
