// Notices of who came and who left, between the messages.
//
// In come two lists of people; out goes the list of notices with the difference told once, at the end of the log.
// Invariant: whoever comes back (a reload, a lost link) within one notice is not told at all.
import type { Notice, Person, State } from './model';

/** With more people than this, coming and going is only a number. */
const CROWD = 200;
const KEPT = 50;

export function withNotice(state: State, before: Person[], after: Person[]): Notice[] {
  if (before.length > CROWD || after.length > CROWD) return state.notices;
  const was = new Set(before.map((person) => person.name));
  const is = new Set(after.map((person) => person.name));
  const came = [...is].filter((name) => !was.has(name) && name !== state.me);
  const went = [...was].filter((name) => !is.has(name) && name !== state.me);
  if (came.length === 0 && went.length === 0) return state.notices;

  const at = state.messages.at(-1)?.cseq ?? 0n;
  const last = state.notices.at(-1);
  const open = last?.after === at ? last : { after: at, joined: [], left: [] };
  const back = new Set(came.filter((name) => open.left.includes(name)));
  const gone = new Set(went.filter((name) => open.joined.includes(name)));
  const notice: Notice = {
    after: at,
    joined: [...open.joined.filter((name) => !gone.has(name)), ...came.filter((name) => !back.has(name))],
    left: [...open.left.filter((name) => !back.has(name)), ...went.filter((name) => !gone.has(name))],
  };
  const earlier = last?.after === at ? state.notices.slice(0, -1) : state.notices;
  const empty = notice.joined.length === 0 && notice.left.length === 0;
  return (empty ? earlier : [...earlier, notice]).slice(-KEPT);
}

/** For example "Grace and Linus joined · Ada left". */
export function noticeText(notice: Notice): string {
  const parts: string[] = [];
  if (notice.joined.length > 0) parts.push(`${names(notice.joined)} joined`);
  if (notice.left.length > 0) parts.push(`${names(notice.left)} left`);
  return parts.join(' · ');
}

function names(list: string[]): string {
  const isolated = list.map((name) => `\u2068${name}\u2069`);
  if (isolated.length > 3) return `${isolated.slice(0, 2).join(', ')} and ${isolated.length - 2} others`;
  if (isolated.length === 1) return isolated[0] ?? '';
  return `${isolated.slice(0, -1).join(', ')} and ${isolated.at(-1)}`;
}
