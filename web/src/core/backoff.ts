// How long to wait before the next attempt: exponential, with full jitter, capped.
//
// In come the number of failed attempts, what the server asked for and a random number; out goes a time in
// milliseconds. Invariant: never sooner than the server asked, never later than both caps.

const BASE_MS = 600;
const CAP_MS = 30_000;
/** A server may ask for longer than our own cap, but not for ever. */
const ASKED_CAP_MS = 10 * 60_000;

export function backoff(attempt: number, askedMs: number, random: number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(Math.max(attempt, 0), 16));
  const asked = Math.min(Math.max(askedMs, 0), ASKED_CAP_MS);
  return Math.round(asked + random * ceiling);
}

/** Ends early, without an error, when it is aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
