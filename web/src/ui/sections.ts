// Lists under headings, some of them folded.
//
// In come sections with their rows; out goes an element that follows them. Invariant: what has not changed keeps its
// element, so that focus, selection and what is unfolded stay.
import { h, morph, setText } from './dom';

export interface ListRow {
  key: string;
  /** What of it shows. */
  signature: string;
  make(): HTMLElement;
}

export interface Section {
  key: string;
  /** Empty: no heading. */
  title: string;
  /** Shown beside the title. */
  count?: number;
  folded?: boolean;
  rows: ListRow[];
}

interface Shown {
  element: HTMLElement;
  count: HTMLElement;
  list: HTMLElement;
  rows: Map<string, { signature: string; element: HTMLElement }>;
}

export class Sections {
  readonly element = h('div', { class: 'sections' });
  #shown = new Map<string, Shown>();

  render(sections: Section[]): void {
    const keys = new Set(sections.map(({ key }) => key));
    for (const [key, { element }] of this.#shown) {
      if (keys.has(key)) continue;
      element.remove();
      this.#shown.delete(key);
    }
    let next: ChildNode | null = this.element.firstChild;
    for (const section of sections) {
      const shown = this.#shown.get(section.key) ?? frame(section);
      this.#shown.set(section.key, shown);
      setText(shown.count, section.count === undefined ? '' : String(section.count));
      placeRows(shown, section.rows);
      if (next === shown.element) next = next.nextSibling;
      else this.element.insertBefore(shown.element, next);
    }
  }
}

function frame(section: Section): Shown {
  const count = h('span', { class: 'section-count' });
  const list = h('ul', { class: 'entries' });
  const title = [h('span', { dir: 'auto' }, section.title), count];
  const head = section.folded
    ? h('summary', { class: 'section-title' }, ...title)
    : h('h2', { class: 'section-title' }, ...title);
  const children = section.title === '' ? [list] : [head, list];
  const attributes = { class: 'section', 'data-section': section.key };
  const element = section.folded
    ? h('details', attributes, ...children)
    : h('section', attributes, ...children);
  return { element, count, list, rows: new Map() };
}

function placeRows(shown: Shown, rows: ListRow[]): void {
  const keys = new Set(rows.map(({ key }) => key));
  for (const [key, { element }] of shown.rows) {
    if (keys.has(key)) continue;
    element.remove();
    shown.rows.delete(key);
  }
  let next: ChildNode | null = shown.list.firstChild;
  for (const row of rows) {
    const before = shown.rows.get(row.key);
    const element = before?.element ?? row.make();
    if (before && before.signature !== row.signature) morph(element, row.make());
    shown.rows.set(row.key, { signature: row.signature, element });
    if (next === element) next = next.nextSibling;
    else shown.list.insertBefore(element, next);
  }
}
