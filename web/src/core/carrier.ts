// Which carrier to try next, WebSocket or long poll, and how long a poll may be held on this network.
//
// In come what became of each attempt and the time; out goes the choice. Invariants: WebSocket is preferred wherever it
// works; where only it is blocked, polls go on and WebSocket is tried again ever more rarely; where neither works, both
// are tried in turn, since then nothing is known of either.

/** Soon at first: after a restart of the server a poll may get through before WebSocket was tried. */
const RETRY_FIRST_MS = 10_000;
const RETRY_MAX_MS = 15 * 60_000;
/** A link that ended sooner than this did not really work. */
const QUICK_MS = 3_000;
/** So many quick failures, and polls take over. */
const QUICK_MAX = 2;

export class CarrierChoice {
  #failures = 0;
  #retryMs = RETRY_FIRST_MS;
  #retryAt = 0;
  #polling = false;

  next(now: number): 'socket' | 'poll' {
    return this.#polling && now < this.#retryAt ? 'poll' : 'socket';
  }

  /** When to try WebSocket again while polls carry the lobby. */
  get retryAt(): number {
    return this.#retryAt;
  }

  /** It opened and the server answered on it. */
  socketWorks(): void {
    this.#polling = false;
    this.#retryMs = RETRY_FIRST_MS;
  }

  /** It did not open, or not in time (`hung`). */
  socketFailed(hung: boolean, now: number): void {
    this.#failures += 1;
    if (!hung && this.#failures < QUICK_MAX && !this.#polling) return;
    this.#polling = true;
    this.#retryAt = now + this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
  }

  /** It was open for `livedMs` and is no more. */
  socketEnded(livedMs: number, now: number): void {
    if (livedMs < QUICK_MS) this.socketFailed(false, now);
    else this.#failures = 0;
  }

  /** Not even a poll gets through: what is known of WebSocket says nothing. */
  pollFailed(): void {
    this.#polling = false;
    this.#failures = QUICK_MAX - 1;
    this.#retryMs = RETRY_FIRST_MS;
  }
}

const HOLD_MAX_MS = 80_000;
const HOLD_MIN_MS = 20_000;

/** How long to ask the server to hold a poll: less where something in between cuts long requests. */
export class PollHold {
  #ms = 60_000;

  get ms(): number {
    return this.#ms;
  }

  /** A poll came back empty after its whole time. */
  idle(): void {
    this.#ms = Math.min(HOLD_MAX_MS, this.#ms + 5_000);
  }

  /** A poll was cut after so long. */
  cut(afterMs: number): void {
    if (afterMs < HOLD_MIN_MS / 2) return;
    this.#ms = Math.max(HOLD_MIN_MS, Math.min(this.#ms, Math.floor(afterMs * 0.8)));
  }
}
