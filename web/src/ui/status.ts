// Says how the lobby is reached: live, live by long polls, connecting, or offline with the time to the next attempt.
//
// In come the link's phases; out goes a small sign, and a bar while nothing gets through. Invariants: short breaks do not
// flicker; the countdown is not read out second by second.
import type { Link } from '../core/model';
import { h, setText } from './dom';

/** A break shorter than this is not worth a word. */
const PATIENCE_MS = 700;

export interface StatusEvents {
  onRetry(): void;
  onTakeOver(): void;
}

export class StatusSign {
  readonly element = h('span', { class: 'link-state' });
  readonly bar = h('div', { class: 'link-bar', hidden: true });
  #dot = h('span', { class: 'dot', 'aria-hidden': 'true' });
  #words = h('span', { class: 'link-words' });
  #barWords = h('span');
  #barButton = h('button', { type: 'button', class: 'link' });
  #spoken = h('span', { class: 'unseen', role: 'status' });
  #link: Link = { phase: 'connecting' };
  #patience: ReturnType<typeof setTimeout> | undefined;
  #clock: ReturnType<typeof setInterval> | undefined;

  #place: string;

  /** `place` is what one is connected to, as a sentence begins with it. */
  constructor(events: StatusEvents, place = 'The lobby') {
    this.#place = place;
    this.element.append(this.#dot, this.#words, this.#spoken);
    this.bar.append(this.#barWords, this.#barButton);
    this.#barButton.addEventListener('click', () =>
      this.#link.phase === 'elsewhere' ? events.onTakeOver() : events.onRetry(),
    );
  }

  end(): void {
    clearTimeout(this.#patience);
    clearInterval(this.#clock);
  }

  render(link: Link): void {
    if (link === this.#link && this.#words.textContent !== '') return;
    const first = this.#words.textContent === '';
    this.#link = link;
    const short = link.phase === 'connecting' || (link.phase === 'waiting' && link.attempt < 1);
    if (short && !first) {
      this.#patience ??= setTimeout(() => this.#show(), PATIENCE_MS);
      return;
    }
    this.#show();
  }

  #show(): void {
    clearTimeout(this.#patience);
    clearInterval(this.#clock);
    this.#patience = undefined;
    const link = this.#link;
    const polls = link.phase === 'live' && link.by === 'poll';
    this.element.className = `link-state ${link.phase}${polls ? ' polls' : ''}`;
    this.element.title = polls
      ? 'Connected by long polls: something on the way blocks WebSocket.'
      : link.phase === 'live'
        ? 'Connected by WebSocket.'
        : '';
    this.#count();
    if (link.phase === 'waiting' && link.retryAt !== null)
      this.#clock = setInterval(() => this.#count(), 500);
    const elsewhere = `${this.#place} is open in another tab.`;
    setText(this.#spoken, link.phase === 'elsewhere' ? elsewhere : SPOKEN[link.phase]);
  }

  #count(): void {
    const link = this.#link;
    const seconds =
      link.phase === 'waiting' && link.retryAt !== null
        ? Math.max(0, Math.ceil((link.retryAt - Date.now()) / 1000))
        : 0;
    setText(this.#words, shortWords(link));
    const [words, button] = barWords(link, seconds, this.#place);
    setText(this.#barWords, words);
    setText(this.#barButton, button);
    this.#barButton.hidden = button === '';
    this.bar.hidden = words === '';
  }
}

const SPOKEN: Record<Exclude<Link['phase'], 'elsewhere'>, string> = {
  connecting: '',
  live: 'Connected.',
  waiting: 'Connection lost. Messages are sent when it is back.',
};

function shortWords(link: Link): string {
  switch (link.phase) {
    case 'connecting':
      return 'Connecting…';
    case 'live':
      return link.by === 'socket' ? 'Live' : 'Live · long poll';
    case 'waiting':
      return 'Offline';
    case 'elsewhere':
      return 'In another tab';
  }
}

function barWords(link: Link, seconds: number, place: string): [string, string] {
  if (link.phase === 'elsewhere') return [`${place} goes on in another tab.`, 'Use it here'];
  if (link.phase !== 'waiting') return ['', ''];
  if (link.retryAt === null) return ['No network. What you write is sent when it is back.', 'Try now'];
  return [seconds > 0 ? `Offline. Trying again in ${seconds} s.` : 'Offline. Trying again…', 'Try now'];
}
