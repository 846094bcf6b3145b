// The two ways a request fails, and what each means for asking again.
//
// In comes what a carrier saw; out goes Refused (the server said no) or Unreachable (it said nothing). Invariant: every
// failed request ends as one of the two.

export class Refused extends Error {
  override name = 'Refused';
  constructor(
    readonly code: string,
    message: string,
    /** When asking again makes sense; 0: never, as it is. */
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}

export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** The stay is over: the token means nothing (any more), or its name is no longer in the lobby. */
export function endsTheStay(error: unknown): error is Refused {
  return error instanceof Refused && (error.code === 'unauthenticated' || error.code === 'forbidden');
}

const PASSING = new Set([
  'rate_limited',
  'try_later',
  'going_away',
  'storage_full',
  'storage_failed',
  'internal',
]);

/** Whether the same request may well succeed later, without anybody changing it. */
export function passes(error: Refused): boolean {
  return error.retryAfterMs > 0 || PASSING.has(error.code);
}
