// The log as rows: day separators, notices, the mark of what is unread, and messages in groups.
//
// In comes the state and the present time; out go rows with stable keys, top to bottom. Invariant: every message and
// every unsettled outbox entry is exactly one row.
import { type ChatMessage, type Pending, type State, type Tick, isMine } from './model';
import { noticeText } from './notices';

/** Messages of one author closer than this belong together. */
const GROUP_MS = 5 * 60_000;

export type Status = 'none' | Tick | 'sending' | 'failed';

export interface MessageRow {
  kind: 'message';
  key: string;
  name: string;
  account: boolean;
  text: string;
  at: number;
  mine: boolean;
  first: boolean;
  last: boolean;
  status: Status;
  reason: string;
  /** Of an outbox entry. */
  id: string;
}

export type Row =
  | MessageRow
  | { kind: 'beginning'; key: string; text: string }
  | { kind: 'day'; key: string; text: string }
  | { kind: 'notice'; key: string; text: string }
  | { kind: 'unread'; key: string };

export function rows(
  state: State,
  unreadAfter: bigint | null,
  now: number,
  beginning = 'The lobby’s history starts here.',
): Row[] {
  const result: Row[] = [];
  const notices = new Map(state.notices.map((notice) => [notice.after, notice]));
  let day = '';
  let unreadShown = unreadAfter === null;
  if (state.loaded && state.older === 'end' && state.messages.length > 0) {
    result.push({ kind: 'beginning', key: 'beginning', text: beginning });
  }

  const noticeAfter = (cseq: bigint) => {
    const notice = notices.get(cseq);
    if (notice) result.push({ kind: 'notice', key: `n${cseq}`, text: noticeText(notice) });
  };
  const dayOf = (at: number) => {
    const key = dayKey(at);
    if (key === day) return;
    day = key;
    result.push({ kind: 'day', key: `d${key}`, text: dayLabel(at, now) });
  };

  noticeAfter(0n);
  for (const message of state.messages) {
    const mine = isMine(state, message);
    dayOf(message.sentAt);
    if (!unreadShown && unreadAfter !== null && message.cseq > unreadAfter && !mine) {
      unreadShown = true;
      result.push({ kind: 'unread', key: `u${message.cseq}` });
    }
    result.push(storedRow(message, mine));
    noticeAfter(message.cseq);
  }
  for (const pending of state.outbox) {
    if (pending.echo !== undefined) continue;
    dayOf(pending.at);
    result.push(pendingRow(pending, state.me));
  }
  group(result);
  return result;
}

function storedRow(message: ChatMessage, mine: boolean): MessageRow {
  return {
    kind: 'message',
    key: message.localId === undefined ? `m${message.cseq}` : `p${message.localId}`,
    name: message.name,
    account: message.account,
    text: message.text,
    at: message.sentAt,
    mine,
    first: true,
    last: true,
    status: mine ? (message.tick ?? 'stored') : 'none',
    reason: '',
    id: '',
  };
}

function pendingRow(pending: Pending, me: string): MessageRow {
  return {
    kind: 'message',
    key: `p${pending.id}`,
    name: me,
    account: false,
    text: pending.text,
    at: pending.at,
    mine: true,
    first: true,
    last: true,
    status: pending.failed === undefined ? 'sending' : 'failed',
    reason: pending.failed ?? '',
    id: pending.id,
  };
}

function group(list: Row[]): void {
  for (let i = 1; i < list.length; i += 1) {
    const above = list[i - 1];
    const row = list[i];
    if (above?.kind !== 'message' || row?.kind !== 'message') continue;
    const together =
      above.name === row.name &&
      above.mine === row.mine &&
      above.account === row.account &&
      above.status !== 'failed' &&
      Math.abs(row.at - above.at) < GROUP_MS;
    if (together) {
      above.last = false;
      row.first = false;
    }
  }
}

function dayKey(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

export function dayLabel(at: number, now: number): string {
  if (dayKey(at) === dayKey(now)) return 'Today';
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (dayKey(at) === dayKey(yesterday.getTime())) return 'Yesterday';
  const date = new Date(at);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString(undefined, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}
