// The list of who is here.
//
// In come the people and one's own name; out goes a list, one's own name first and marked. Invariant: an unchanged
// person keeps the element, so that a crowd that changes by one costs one.
import type { Person } from '../core/model';
import { avatar } from './avatar';
import { h } from './dom';

/** So many are shown; the rest is a number. */
const SHOWN_MAX = 500;

export class PeopleList {
  readonly element = h('ul', { class: 'people' });
  #items = new Map<string, HTMLElement>();
  #people: Person[] | null = null;

  render(people: Person[], me: string): void {
    if (people === this.#people) return;
    this.#people = people;
    const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });
    const sorted = [...people].sort(
      (a, b) => Number(b.name === me) - Number(a.name === me) || collator.compare(a.name, b.name),
    );
    const shown = sorted.slice(0, SHOWN_MAX);
    const items = new Map<string, HTMLElement>();
    const nodes = shown.map((person) => {
      const key = `${person.account ? 'a' : 'g'}${person.name === me ? 'm' : ''}${person.name}`;
      const item = this.#items.get(key) ?? personItem(person, person.name === me);
      items.set(key, item);
      return item;
    });
    if (sorted.length > shown.length) {
      nodes.push(h('li', { class: 'people-more' }, `and ${sorted.length - shown.length} more`));
    }
    this.#items = items;
    this.element.replaceChildren(...nodes);
  }
}

function personItem(person: Person, me: boolean): HTMLElement {
  return h(
    'li',
    { class: me ? 'person me' : 'person' },
    avatar(person.name),
    h('span', { class: 'person-name', dir: 'auto' }, person.name),
    me && h('span', { class: 'badge' }, 'You'),
    person.account && !me && h('span', { class: 'badge quiet' }, 'Account'),
  );
}
