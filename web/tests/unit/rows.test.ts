// Rows: days, groups, notices, the unread mark, what is pending.
import { expect, test } from 'vitest';
import { INATTENTIVE, attend } from '../../src/core/attention';
import { type ChatMessage, type State, emptyState } from '../../src/core/model';
import { noticeText } from '../../src/core/notices';
import { type Row, dayLabel, rows } from '../../src/core/rows';

const NOON = new Date(2026, 4, 20, 12).getTime();
const MINUTE = 60_000;
const message = (cseq: number, name: string, sentAt: number): ChatMessage => ({
  cseq: BigInt(cseq),
  name,
  account: false,
  text: `text ${cseq}`,
  sentAt,
});
const state = (change: Partial<State>): State => ({
  ...emptyState('Ada'),
  loaded: true,
  stays: [{ from: 0n, to: null }],
  ...change,
});
const plain = (list: Row[]) =>
  list.map((row) =>
    row.kind === 'message'
      ? `${row.name}${row.first ? '^' : ''}${row.last ? '_' : ''} ${row.status}`
      : row.kind,
  );

test('messages of one person close together are a group, and a day has a separator', () => {
  const messages = [
    message(1, 'Bob', NOON - 24 * 60 * MINUTE),
    message(2, 'Bob', NOON),
    message(3, 'Bob', NOON + MINUTE),
    message(4, 'Bob', NOON + 10 * MINUTE),
    message(5, 'Ada', NOON + 10 * MINUTE),
  ];
  expect(plain(rows(state({ messages, older: 'end' }), null, NOON))).toEqual([
    'beginning',
    'day',
    'Bob^_ none',
    'day',
    'Bob^ none',
    'Bob_ none',
    'Bob^_ none',
    'Ada^_ stored',
  ]);
});

test('what is pending stands at the end; what has come back is not shown twice', () => {
  const messages = [message(1, 'Bob', NOON)];
  const outbox = [
    { id: 'a', text: 'x', at: NOON },
    { id: 'b', text: 'y', at: NOON, echo: 1n },
    { id: 'c', text: 'z', at: NOON, failed: 'too long' },
  ];
  expect(plain(rows(state({ messages, outbox }), null, NOON))).toEqual([
    'day',
    'Bob^_ none',
    'Ada^ sending',
    'Ada_ failed',
  ]);
});

test('a message keeps its key when it is acknowledged', () => {
  const pending = rows(state({ outbox: [{ id: 'a', text: 'x', at: NOON }] }), null, NOON).at(-1);
  const messages = [{ ...message(9, 'Ada', NOON), localId: 'a' }];
  expect(rows(state({ messages }), null, NOON).at(-1)?.key).toBe(pending?.key);
});

test('the unread mark and notices part groups', () => {
  const messages = [message(1, 'Bob', NOON), message(2, 'Bob', NOON), message(3, 'Bob', NOON)];
  const notices = [{ after: 2n, joined: ['Cleo'], left: [] }];
  expect(plain(rows(state({ messages, notices }), 1n, NOON))).toEqual([
    'day',
    'Bob^_ none',
    'unread',
    'Bob^_ none',
    'notice',
    'Bob^_ none',
  ]);
});

test('days have names', () => {
  expect(dayLabel(NOON, NOON + MINUTE)).toBe('Today');
  expect(dayLabel(NOON, NOON + 24 * 60 * MINUTE)).toBe('Yesterday');
  expect(dayLabel(NOON, NOON + 72 * 60 * MINUTE)).not.toContain('2026');
  expect(dayLabel(NOON, NOON + 400 * 24 * 60 * MINUTE)).toContain('2026');
});

test('notices name a few and count the rest', () => {
  const text = (joined: string[], left: string[]) =>
    noticeText({ after: 0n, joined, left }).replace(/[\u2068\u2069]/g, '');
  expect(text(['Bob'], [])).toBe('Bob joined');
  expect(text(['Bob', 'Cleo'], ['Dan'])).toBe('Bob and Cleo joined · Dan left');
  expect(text([], ['A', 'B', 'C', 'D'])).toBe('A, B and 2 others left');
});

test('only what others wrote out of sight is unread', () => {
  const messages = [message(1, 'Bob', NOON)];
  const begun = attend(INATTENTIVE, state({ messages }), false);
  expect(begun.unread).toBe(0);
  const more = state({ messages: [...messages, message(2, 'Bob', NOON), message(3, 'Ada', NOON)] });
  const away = attend(begun, more, false);
  expect([away.unread, away.mark]).toEqual([1, 1n]);
  const back = attend(away, more, true);
  expect([back.unread, back.mark, back.seen]).toEqual([0, 1n, 3n]);
  expect(attend(back, state({ messages: [] }), false).seen).toBe(0n);
});
