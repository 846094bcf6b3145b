// The state: order, doubles, echoes, gaps, names taken anew.
import { describe, expect, test } from 'vitest';
import { type ChatMessage, type Person, type State, emptyState, isMine } from '../../src/core/model';
import { type Action, type Update, reduce } from '../../src/core/reducer';

const person = (name: string): Person => ({ name, account: false });
const message = (cseq: number, name: string, text = `text ${cseq}`): ChatMessage => ({
  cseq: BigInt(cseq),
  name,
  account: false,
  text,
  sentAt: 1_000 + cseq,
});
const update = (messages: ChatMessage[], more: Partial<Update> = {}): Action => ({
  type: 'update',
  update: {
    messages,
    cursor: messages.at(-1)?.cseq ?? 0n,
    people: null,
    peopleVersion: 1n,
    gap: false,
    ...more,
  },
});
const after = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);
const joined = (messages: ChatMessage[] = [], cursor = messages.at(-1)?.cseq ?? 0n): Action => ({
  type: 'joined',
  name: 'Ada',
  joined: { people: [person('Ada')], peopleVersion: 1n, messages, cursor, more: false, textMax: 140 },
});
const start = after(emptyState('Ada'), joined([message(1, 'Bob')]));
const cseqs = (state: State) => state.messages.map((m) => Number(m.cseq));
const queued = (id: string, text: string): Action => ({ type: 'queued', id, text, at: 5 });
const tried = (id: string): Action => ({ type: 'tried', id });

describe('messages', () => {
  test('are in order and once, however they come', () => {
    const state = after(
      start,
      update([message(4, 'Bob'), message(5, 'Bob')]),
      { type: 'older', messages: [message(2, 'Bob'), message(3, 'Bob')], more: true },
      update([message(3, 'Bob'), message(4, 'Bob')]),
    );
    expect(cseqs(state)).toEqual([1, 2, 3, 4, 5]);
    expect(state.cursor).toBe(5n);
    expect(state.older).toBe('more');
  });

  test('an answer that came late does not turn the cursor back', () => {
    expect(after(start, update([message(9, 'Bob')]), update([message(2, 'Bob')])).cursor).toBe(9n);
  });

  test('after a gap only what came after it is kept, and the newest page is wanted', () => {
    const state = after(start, update([message(2, 'Bob')]), update([message(50, 'Bob')], { gap: true }));
    expect(cseqs(state)).toEqual([50]);
    expect(state.loaded).toBe(false);
    const whole = after(state, {
      type: 'newest',
      messages: [message(49, 'Bob'), message(50, 'Bob')],
      more: true,
    });
    expect(cseqs(whole)).toEqual([49, 50]);
    expect([whole.loaded, whole.older, whole.cursor]).toEqual([true, 'more', 50n]);
  });

  test('a log that began anew is taken as it is', () => {
    const late = after(start, update([message(900, 'Bob')]));
    const state = after(late, update([message(2, 'Bob')], { gap: true }));
    expect([cseqs(state), state.cursor]).toEqual([[2], 2n]);
  });

  test('an empty page of older messages is the end', () => {
    expect(after(start, { type: 'older', messages: [], more: true }).older).toBe('end');
  });
});

describe('the outbox', () => {
  const sending = after(start, queued('x', ' hello '), tried('x'));

  test('an acknowledgement, then the echo: one message, one’s own', () => {
    const acked = after(sending, { type: 'stored', id: 'x', cseq: 2n, sentAt: 7 });
    const state = after(acked, update([message(2, 'Ada', 'hello')]));
    expect(cseqs(state)).toEqual([1, 2]);
    expect(state.outbox).toEqual([]);
    expect(state.messages.map((m) => isMine(state, m))).toEqual([false, true]);
  });

  test('an acknowledgement does not move the cursor: what others wrote before is still to come', () => {
    const state = after(sending, { type: 'stored', id: 'x', cseq: 3n, sentAt: 7 });
    expect(state.cursor).toBe(1n);
    expect(cseqs(after(state, update([message(2, 'Bob'), message(3, 'Ada', 'hello')])))).toEqual([1, 2, 3]);
  });

  test('the echo, then the acknowledgement: one message, never shown twice', () => {
    const echoed = after(sending, update([message(2, 'Ada', 'hello')]));
    expect(echoed.outbox.map((p) => p.echo)).toEqual([2n]);
    const state = after(echoed, { type: 'stored', id: 'x', cseq: 2n, sentAt: 7 });
    expect([cseqs(state), state.outbox]).toEqual([[1, 2], []]);
    expect(state.messages[1]?.localId).toBe('x');
  });

  test('the same text twice is two messages', () => {
    const two = after(sending, queued('y', 'hello'), tried('y'));
    const state = after(two, update([message(2, 'Ada', 'hello'), message(3, 'Ada', 'hello')]));
    expect(state.outbox.map((p) => p.echo)).toEqual([2n, 3n]);
  });

  test('a message of before the first attempt is no echo', () => {
    const said = after(start, update([message(2, 'Ada', 'hello')]), queued('x', 'hello'), tried('x'));
    const state = after(said, update([message(3, 'Bob')]), { type: 'caught-up' });
    expect(state.outbox.map((p) => [p.id, p.echo])).toEqual([['x', undefined]]);
  });

  test('what was never handed to the server has no echo', () => {
    const state = after(start, queued('x', 'hello'), update([message(2, 'Ada', 'hello')]));
    expect(state.outbox.map((p) => p.echo)).toEqual([undefined]);
  });

  test('an echo that was another’s message is let go', () => {
    const echoed = after(sending, update([message(2, 'Ada', 'hello')]));
    const state = after(echoed, { type: 'stored', id: 'x', cseq: 3n, sentAt: 7 });
    expect(cseqs(state)).toEqual([1, 2, 3]);
    expect(state.messages.map((m) => m.localId)).toEqual([undefined, undefined, 'x']);
  });

  test('a refusal shows the reason; another attempt keeps the id', () => {
    const failed = after(sending, { type: 'failed', id: 'x', reason: 'too long' });
    expect(failed.outbox[0]).toMatchObject({ id: 'x', failed: 'too long' });
    const again = after(failed, { type: 'again', id: 'x' });
    expect(again.outbox[0]).toMatchObject({ id: 'x', text: ' hello ' });
    expect(again.outbox[0]?.failed).toBeUndefined();
    expect(after(failed, { type: 'discarded', id: 'x' }).outbox).toEqual([]);
  });
});

describe('a name taken anew', () => {
  test('keeps the log, and what the old stay stored is not sent again', () => {
    const lost = after(start, queued('x', 'stored'), tried('x'), queued('y', 'not stored'));
    const back = after(lost, joined([message(7, 'Bob')], 7n));
    expect([cseqs(back), back.cursor]).toEqual([[1], 1n]);
    const caught = after(back, update([message(2, 'Ada', 'stored'), message(7, 'Bob')]), {
      type: 'caught-up',
    });
    expect(cseqs(caught)).toEqual([1, 2, 7]);
    expect(caught.outbox.map((p) => p.id)).toEqual(['y']);
    expect(isMine(caught, caught.messages[1]!)).toBe(true);
  });

  test('what somebody else of that name wrote in between is not one’s own', () => {
    const state = after(start, joined([], 7n), update([message(5, 'Ada'), message(8, 'Ada')]));
    expect(state.messages.map((m) => isMine(state, m))).toEqual([false, false, true]);
  });
});

describe('people', () => {
  const told = (names: string[], version: bigint) =>
    update([], { people: names.map(person), peopleVersion: version });

  test('who comes and goes is noticed, but not oneself', () => {
    const state = after(start, told(['Ada', 'Bob', 'Cleo'], 2n), told(['Ada', 'Cleo'], 3n));
    expect(state.people.map((p) => p.name)).toEqual(['Ada', 'Cleo']);
    expect(state.notices).toEqual([{ after: 1n, joined: ['Cleo'], left: [] }]);
  });

  test('who is back at once was never away', () => {
    const here = after(start, told(['Ada', 'Bob'], 2n), update([message(2, 'Bob')]));
    const state = after(here, told(['Ada'], 3n), told(['Ada', 'Bob'], 4n));
    expect(state.notices).toEqual([{ after: 1n, joined: ['Bob'], left: [] }]);
  });

  test('the first telling is no news', () => {
    expect(after(emptyState('Ada'), told(['Ada', 'Bob'], 2n)).notices).toEqual([]);
  });
});
