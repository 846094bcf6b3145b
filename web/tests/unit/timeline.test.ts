// An account's way along its timeline: the beginning, what is told, what was missed, what is acknowledged.
import { type DescMessage, type MessageInitShape, create, toBinary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { emptyAccount } from '../../src/core/account/model';
import { AccountStore } from '../../src/core/account/reducer';
import * as schema from '../../src/generated/belfry/v1/belfry_pb';
import { Timeline } from '../../src/net/timeline';
import { ACK, LIST_CONTACTS, SYNC } from '../../src/protocol/account-operations';
import type { Call } from '../../src/protocol/operations';

type SyncAnswer = MessageInitShape<typeof schema.SyncReplySchema>;
type EventInit = MessageInitShape<typeof schema.EventSchema>;

const key = (seq: number) => ({ list: [1, 2, 3, 4, 5].map((key) => ({ key, val: BigInt(seq) })) });
const contact = (seq: number, address: string): EventInit => ({
  seq: BigInt(seq),
  item: { case: 'contact', value: { address, listed: true, to: true } },
});
const notify = (previous: number, events: EventInit[], more: object = {}) => {
  const at = Number(events.at(-1)?.seq ?? previous);
  const body = { previous: key(previous), key: key(at), events, ...more };
  return toBinary(schema.NotifySchema, create(schema.NotifySchema, body));
};

type Operation = { number: number; reply: DescMessage };

interface Asked {
  what: number;
  request: Record<string, unknown>;
}

/** A server that answers syncs as told, one after the other. */
function world(...answers: (SyncAnswer | Promise<SyncAnswer>)[]) {
  const asked: Asked[] = [];
  const store = new AccountStore(emptyAccount('ada@x'));
  const hooks = { onList: async () => {} };
  const call = (async (operation: Operation, request: Record<string, unknown>) => {
    asked.push({ what: operation.number, request });
    if (operation.number === SYNC.number)
      return create(schema.SyncReplySchema, (await answers.shift()) ?? {});
    if (operation.number === LIST_CONTACTS.number) {
      await hooks.onList();
      return create(schema.ListContactsReplySchema, { contacts: [{ address: 'old@x', listed: true }] });
    }
    return create(operation.reply, {});
  }) as unknown as Call;
  const timeline = new Timeline(store, call);
  const syncs = () => asked.filter(({ what }) => what === SYNC.number).map(({ request }) => request);
  return { store, timeline, asked, syncs, hooks, contacts: () => [...store.state.contacts.keys()] };
}

const settled = () => vi.advanceTimersByTimeAsync(1);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('it begins with the newest chats and the lists, and goes on with what is told', async () => {
  const conversations = [{ conversationId: 7n, peer: 'bob@x', lastCseq: 2n, unread: 1 }];
  const { store, timeline, syncs, contacts } = world({ key: key(10), conversations });
  await timeline.begin(true);
  expect(syncs()).toEqual([{ snapshot: true, limit: 100, subscribe: true }]);
  expect(store.state.ready).toBe(true);
  expect(store.state.chats.get('bob@x')?.unread).toBe(1);
  timeline.told(notify(10, [contact(11, 'new@x')]), () => {});
  await settled();
  expect(contacts()).toEqual(['old@x', 'new@x']);
  expect(syncs()).toHaveLength(1);
});

test('what was missed is asked for from where one is, and nothing is taken twice', async () => {
  const { timeline, syncs, contacts, store } = world(
    { key: key(10) },
    { key: key(13), events: [contact(11, 'a@x'), contact(12, 'b@x'), contact(13, 'c@x')] },
  );
  await timeline.begin(true);
  timeline.told(notify(12, [contact(13, 'c@x')]), () => {});
  await settled();
  expect(syncs()[1]).toEqual({ key: key(10), subscribe: true });
  expect(contacts()).toEqual(['old@x', 'a@x', 'b@x', 'c@x']);
  const before = store.state;
  timeline.told(notify(12, [contact(13, 'c@x')]), () => {});
  await settled();
  expect(store.state).toBe(before);
  expect(syncs()).toHaveLength(2);
});

test('what is told while something is asked for waits for the answer', async () => {
  let answer: (value: SyncAnswer) => void = () => {};
  const late = new Promise<SyncAnswer>((resolve) => (answer = resolve));
  const { timeline, syncs, contacts } = world({ key: key(10) }, late);
  await timeline.begin(true);
  timeline.told(notify(11, [contact(12, 'b@x')]), () => {});
  await settled();
  timeline.told(notify(12, [contact(13, 'c@x')]), () => {});
  answer({ key: key(12), events: [contact(11, 'a@x'), contact(12, 'b@x')] });
  await settled();
  expect(contacts()).toEqual(['old@x', 'a@x', 'b@x', 'c@x']);
  expect(syncs()).toHaveLength(2);
});

test('a list of contacts that was made before a change does not undo it', async () => {
  const { timeline, hooks, store } = world({ key: key(10) });
  let listed: () => void = () => {};
  hooks.onList = () => new Promise((resolve) => (listed = resolve));
  const begun = timeline.begin(true);
  await settled();
  timeline.told(notify(10, [contact(11, 'old@x')]), () => {});
  listed();
  await begun;
  await settled();
  expect(store.state.contacts.get('old@x')?.to).toBe(true);
});

test('after a gap or another life of the log all begins anew', async () => {
  for (const what of [{ gap: true }, { reset: true }]) {
    const fresh = { key: key(50), conversations: [{ conversationId: 9n, peer: 'new@x', lastCseq: 1n }] };
    const { timeline, syncs, store } = world({ key: key(10) }, fresh);
    await timeline.begin(true);
    timeline.told(notify(10, [contact(30, 'x@x')], what), () => {});
    await settled();
    expect(syncs()[1]).toMatchObject({ snapshot: true, subscribe: true });
    expect([...store.state.chats.keys()]).toEqual(['new@x']);
  }
});

test('one’s own message moves the place on only if it stands right behind it', async () => {
  const { timeline, syncs } = world({ key: key(10) }, { key: key(13) });
  await timeline.begin(true);
  timeline.passed(create(schema.SyncKeySchema, key(10)), create(schema.SyncKeySchema, key(11)));
  timeline.passed(create(schema.SyncKeySchema, key(12)), create(schema.SyncKeySchema, key(13)));
  timeline.told(notify(11, [contact(12, 'a@x')]), () => {});
  await settled();
  expect(syncs()).toHaveLength(1);
});

test('what was taken is acknowledged, once for many', async () => {
  const { timeline, asked } = world({ key: key(10) });
  await timeline.begin(true);
  for (let seq = 11; seq < 20; seq += 1) {
    timeline.told(notify(seq - 1, [contact(seq, `c${seq}@x`)]), () => {});
  }
  await vi.advanceTimersByTimeAsync(1_000);
  const acks = asked.filter(({ what }) => what === ACK.number);
  expect(acks.map(({ request }) => request)).toEqual([{ passed: key(19) }]);
});
