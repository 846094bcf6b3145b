// The log: rows on the screen, kept in place while they grow at either end.
//
// In come states; out go wishes (older messages, try again, delete) and what is in sight. Invariants: what one reads
// does not move when messages come above or below it; at the bottom one stays at the bottom.
import { type Attention, INATTENTIVE, attend } from '../core/attention';
import type { State } from '../core/model';
import { type Row, rows } from '../core/rows';
import { h, morph, setText } from './dom';
import { icon } from './icons';
import { rowElement, signature } from './message';

const BOTTOM_PX = 48;
/** So far from the top older messages are asked for. */
const AHEAD_PX = 600;

/** What it says where nothing was said. */
export interface LogWords {
  quiet: string;
  hello: string;
  beginning: string;
}

const LOBBY: LogWords = {
  quiet: 'It is quiet here.',
  hello: 'Say hello: everyone who comes by will see it.',
  beginning: 'The lobby’s history starts here.',
};

export interface LogEvents {
  onOlder(): void;
  onAgain(id: string): void;
  onDiscard(id: string): void;
  onUnread(count: number): void;
}

export class Log {
  readonly element: HTMLElement;
  #scroller = h('div', { class: 'log', tabindex: 0, role: 'log', 'aria-label': 'Messages' });
  #list = h('ol', { class: 'rows' });
  #top = h('div', { class: 'log-top', role: 'status' });
  #empty = h('div', { class: 'log-empty', hidden: true });
  #pillCount = h('span');
  #pill = h('button', { type: 'button', class: 'to-bottom', hidden: true });
  #shown = new Map<string, { signature: string; element: HTMLElement }>();
  #state: State | null = null;
  #attention: Attention = INATTENTIVE;
  #stuck = true;
  /** On the way to the bottom, by a smooth scroll that nobody has stopped. */
  #travelling = false;
  #events: LogEvents;
  #words: LogWords;
  #resized = new ResizeObserver(() => this.#stuck && this.toBottom(false));

  constructor(events: LogEvents, words = LOBBY) {
    this.#events = events;
    this.#words = words;
    this.#empty.append(icon('bell'), h('p', {}, words.quiet), h('p', { class: 'small' }, words.hello));
    this.#scroller.append(this.#top, this.#empty, this.#list);
    this.#pill.append(icon('down'), this.#pillCount);
    this.#pill.addEventListener('click', () => this.toBottom(true));
    this.element = h('div', { class: 'log-frame' }, this.#scroller, this.#pill);
    this.#scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    for (const event of ['wheel', 'touchstart', 'pointerdown', 'keydown', 'scrollend']) {
      this.#scroller.addEventListener(event, () => this.#arrived(), { passive: true });
    }
    this.#scroller.addEventListener('click', (event) => this.#clicked(event));
    this.#list.addEventListener('animationend', (event) => {
      if (event.target instanceof Element) event.target.classList.remove('entering');
    });
    document.addEventListener('visibilitychange', this.#lookedAt);
    window.addEventListener('focus', this.#lookedAt);
    this.#resized.observe(this.#scroller);
  }

  end(): void {
    document.removeEventListener('visibilitychange', this.#lookedAt);
    window.removeEventListener('focus', this.#lookedAt);
    this.#resized.disconnect();
  }

  /** Whether the newest message is in sight. */
  get atBottom(): boolean {
    return this.#stuck;
  }

  render(state: State): void {
    const before = this.#state;
    this.#state = state;
    if (before && sameLog(before, state)) return;
    const wrote = before !== null && state.outbox.length > before.outbox.length;
    if (wrote) {
      this.#stuck = true;
      this.#attention = { ...this.#attention, mark: null };
    }
    const firstTime = !before?.loaded && state.loaded;
    this.#attention = attend(this.#attention, state, this.#inSight());
    const anchor = this.#stuck || firstTime ? null : this.#anchor();
    const prepended = before !== null && before.messages[0]?.cseq !== state.messages[0]?.cseq;
    // Older messages are no news: they are not read out.
    this.#scroller.setAttribute('aria-busy', String(prepended || firstTime));
    const list = rows(state, this.#attention.mark, Date.now(), this.#words.beginning);
    this.#place(list, before?.loaded === true && !prepended);
    this.#renderTop(state);
    this.#empty.hidden = !(state.loaded && state.messages.length + state.outbox.length === 0);
    if (anchor) this.#restore(anchor);
    else this.toBottom(false);
    requestAnimationFrame(() => this.#scroller.setAttribute('aria-busy', 'false'));
    this.#tell();
    this.#wantOlder();
  }

  toBottom(smooth: boolean): void {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#stuck = true;
    this.#travelling = smooth && !calm && this.#distance() >= BOTTOM_PX;
    const behavior = this.#travelling ? 'smooth' : 'instant';
    this.#scroller.scrollTo({ top: this.#scroller.scrollHeight, behavior });
  }

  /** For keys that are pressed while one writes. */
  page(direction: 1 | -1): void {
    this.#scroller.scrollBy({ top: direction * this.#scroller.clientHeight * 0.85 });
  }

  /** Makes the list of elements that of the rows, touching only what differs. */
  #place(list: Row[], lively: boolean): void {
    const shown = new Map<string, { signature: string; element: HTMLElement }>();
    const keys = new Set(list.map((row) => row.key));
    for (const [key, { element }] of this.#shown) if (!keys.has(key)) element.remove();
    let next: ChildNode | null = this.#list.firstChild;
    for (const row of list) {
      const before = this.#shown.get(row.key);
      const now = signature(row);
      const element = before?.element ?? rowElement(row);
      if (before && before.signature !== now) {
        const entering = element.classList.contains('entering');
        morph(element, rowElement(row));
        element.classList.toggle('entering', entering);
      }
      if (!before && lively) element.classList.add('entering');
      if (next === element) next = element.nextSibling;
      else this.#list.insertBefore(element, next);
      shown.set(row.key, { signature: now, element });
    }
    this.#shown = shown;
  }

  #renderTop(state: State): void {
    if (!state.loaded) setText(this.#top, 'Loading messages…');
    else if (state.older === 'loading') setText(this.#top, 'Loading older messages…');
    else if (state.older === 'failed') {
      const again = h('button', { type: 'button', class: 'link', 'data-older': true }, 'Try again');
      this.#top.replaceChildren('Older messages could not be loaded. ', again);
    } else setText(this.#top, '');
  }

  #arrived(): void {
    if (!this.#travelling) return;
    this.#travelling = false;
    this.#scrolled();
  }

  #scrolled(): void {
    const wasStuck = this.#stuck;
    this.#stuck = this.#distance() < BOTTOM_PX || this.#travelling;
    if (this.#stuck !== wasStuck || this.#attention.unread > 0) this.#lookedAt();
    this.#wantOlder();
  }

  #wantOlder(): void {
    const state = this.#state;
    if (!state?.loaded || state.older !== 'more') return;
    if (this.#scroller.scrollTop < AHEAD_PX) this.#events.onOlder();
  }

  #lookedAt = (): void => {
    if (this.#state) this.#attention = attend(this.#attention, this.#state, this.#inSight());
    this.#tell();
  };

  #tell(): void {
    const { unread } = this.#attention;
    this.#events.onUnread(unread);
    this.#pill.hidden = this.#stuck;
    this.#pill.classList.toggle('news', unread > 0);
    const words = unread > 0 ? `${unread} new message${unread === 1 ? '' : 's'}` : '';
    setText(this.#pillCount, words);
    this.#pill.setAttribute('aria-label', words || 'To the newest messages');
  }

  #inSight(): boolean {
    return this.#stuck && document.visibilityState === 'visible' && document.hasFocus();
  }

  #distance(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** The first row in sight and where it stands. */
  #anchor(): { key: string; top: number } | null {
    const edge = this.#scroller.getBoundingClientRect().top;
    for (const [key, { element }] of this.#shown) {
      const { top, bottom } = element.getBoundingClientRect();
      // Separators may move when rows come above them; messages do not.
      if (bottom > edge && element.classList.contains('message')) return { key, top };
    }
    return null;
  }

  #restore(anchor: { key: string; top: number }): void {
    const element = this.#shown.get(anchor.key)?.element;
    if (element) this.#scroller.scrollTop += element.getBoundingClientRect().top - anchor.top;
  }

  #clicked(event: Event): void {
    const button = event.target instanceof Element ? event.target.closest('button') : null;
    const { again, discard, older } = button?.dataset ?? {};
    if (again !== undefined) this.#events.onAgain(again);
    if (discard !== undefined) this.#events.onDiscard(discard);
    if (older !== undefined) this.#events.onOlder();
  }
}

function sameLog(a: State, b: State): boolean {
  return (
    a.messages === b.messages &&
    a.outbox === b.outbox &&
    a.notices === b.notices &&
    a.loaded === b.loaded &&
    a.older === b.older &&
    a.stays === b.stays
  );
}
