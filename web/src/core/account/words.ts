// Times and presences in words.
//
// In come times, presences and the present time; out go short sentences. Invariant: what is not known is not said, and
// never guessed: a presence without a time is "offline", no presence at all is nothing.
import type { Presence } from './model';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const dayMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });

export function presenceWords(presence: Presence | undefined, now: number): string {
  if (!presence) return '';
  const said = presence.status ? ` · ${presence.status}` : '';
  if (presence.availability !== 'offline') return presence.availability + said;
  return presence.lastSeen > 0 ? lastSeen(presence.lastSeen, now) : 'offline';
}

export function lastSeen(at: number, now: number): string {
  const ago = now - at;
  if (ago < MINUTE) return 'last seen just now';
  if (ago < HOUR) {
    const minutes = Math.floor(ago / MINUTE);
    return `last seen ${minutes} minute${minutes === 1 ? '' : 's'} ago`;
  }
  const days = daysBetween(at, now);
  if (days === 0) return `last seen today at ${clock.format(at)}`;
  if (days === 1) return `last seen yesterday at ${clock.format(at)}`;
  return `last seen ${date(at, now)}`;
}

/** For lists: the time today, the weekday this week, else the date. */
export function shortTime(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days <= 0) return clock.format(at);
  if (days === 1) return 'Yesterday';
  return days < 7 ? weekday.format(at) : date(at, now);
}

function date(at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? dayMonth : dayMonthYear).format(at);
}

function daysBetween(at: number, now: number): number {
  const day = (time: number) => {
    const at = new Date(time);
    return Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
  };
  return Math.round((day(now) - day(at)) / (24 * HOUR));
}
