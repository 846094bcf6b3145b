// What a person has not seen yet.
//
// In come the state, whether the newest message is in sight, and time passing; out go the number of unseen messages and
// where the mark of unread ones stands. Invariant: one's own messages are never unread, and the mark stays until the
// next stretch of unread messages or until one writes.
import { type State, isMine } from './model';

export interface Attention {
  /** All up to here was in sight. */
  seen: bigint;
  unread: number;
  /** The mark stands after this message; null: there is none. */
  mark: bigint | null;
  /** Whether anything was loaded yet: what was there before one came is not unread. */
  started: boolean;
}

export const INATTENTIVE: Attention = { seen: 0n, unread: 0, mark: null, started: false };

export function attend(before: Attention, state: State, inSight: boolean): Attention {
  if (!state.loaded) return before;
  const newest = state.messages.at(-1)?.cseq ?? 0n;
  if (!before.started) return { seen: newest, unread: 0, mark: null, started: true };
  // A log that began anew has lower numbers.
  const seen = before.seen > newest ? newest : before.seen;
  const unseen = state.messages.filter((message) => message.cseq > seen && !isMine(state, message));
  if (inSight) return { ...before, seen: newest, unread: 0 };
  const mark = before.unread === 0 && unseen.length > 0 ? seen : before.mark;
  return { ...before, seen, unread: unseen.length, mark };
}
