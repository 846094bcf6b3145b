// The library for pages, against a server that is played here.
import { beforeEach, describe, expect, test } from 'vitest';
import { Belfry, Refused } from '../../public/belfry.js';

type Answer = { status?: number; body: unknown } | 'lost';
type Asked = {
  method: string;
  path: string;
  query: URLSearchParams;
  token: string;
  body: Record<string, unknown>;
};

/** Answers each path by what was put there, in order; the last one again and again. Checks wait until there is one. */
class Server {
  readonly asked: Asked[] = [];
  readonly answers = new Map<string, Answer[]>();
  private wake: () => void = () => {};

  put(path: string, ...answers: Answer[]): void {
    this.answers.set(path, [...(this.answers.get(path) ?? []), ...answers]);
    this.wake();
  }

  fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input), 'http://server');
    const token = new Headers(init.headers).get('Authorization')?.replace('Bearer ', '') ?? '';
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : {};
    this.asked.push({ method: init.method ?? '', path: url.pathname, query: url.searchParams, token, body });
    const answer = await this.next(url.pathname, init.signal ?? null);
    if (answer === 'lost') throw new TypeError('the network is gone');
    return new Response(JSON.stringify(answer.body), { status: answer.status ?? 200 });
  };

  paths(): string[] {
    return this.asked.map(({ path }) => path.replace('/v1/', ''));
  }

  private async next(path: string, signal: AbortSignal | null): Promise<Answer> {
    for (;;) {
      const waiting = this.answers.get(path) ?? [];
      if (waiting.length > (path.endsWith('synccheck') ? 0 : 1)) return waiting.shift() as Answer;
      if (waiting[0]) return waiting[0];
      await new Promise<void>((resolve, reject) => {
        this.wake = resolve;
        signal?.addEventListener('abort', () => reject(new Error('given up')));
      });
    }
  }
}

class Memory implements Storage {
  private readonly values = new Map<string, string>();
  get length() {
    return this.values.size;
  }
  clear = () => this.values.clear();
  getItem = (key: string) => this.values.get(key) ?? null;
  key = (at: number) => [...this.values.keys()][at] ?? null;
  removeItem = (key: string) => void this.values.delete(key);
  setItem = (key: string, value: string) => void this.values.set(key, value);
}

const key = (n: number) => ({ SyncKey: { Count: 1, List: [{ Key: 1, Val: String(n) }] }, key: `1_${n}` });
const page = (n: number, texts: string[], more = false) => ({
  body: {
    ...key(n),
    events: texts.map((text, at) => ({
      seq: String(n + at),
      message: { cseq: String(n + at), content: { text } },
    })),
    ContinueFlag: more ? 1 : 0,
    reset: false,
    gap: false,
  },
});
const refusal = (status: number, code: string, retryAfterMs?: string): Answer => ({
  status,
  body: { code, message: `It is ${code}, says the server.`, retryAfterMs },
});
const TICK = { body: { conversationId: '1', cseq: '1', sentAtMs: '1', duplicate: false } };

let server: Server;
let storage: Memory;
const pauses: number[] = [];
const open = () =>
  new Belfry({
    fetch: server.fetch,
    storage,
    pause: async (ms: number) => {
      pauses.push(ms);
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  });

beforeEach(() => {
  server = new Server();
  storage = new Memory();
  pauses.length = 0;
  server.put('/v1/session/add-device', {
    body: { address: 'alice@x', deviceId: 2, deviceSecret: 'secret', token: 'first' },
  });
  server.put('/v1/session/token', { body: { token: 'second' } });
  server.put('/v1/web/init', { body: { profile: { address: 'alice@x' }, conversations: [], ...key(0) } });
});

async function loggedIn(): Promise<Belfry> {
  const belfry = open();
  await belfry.login('alice@x', 'password');
  return belfry;
}

describe('logging in', () => {
  test('keeps the device and not the password', async () => {
    await loggedIn();
    expect(open().address).toBe('alice@x');
    expect(
      JSON.stringify([...Array(storage.length).keys()].map((at) => storage.getItem(storage.key(at)!))),
    ).not.toContain('password');
  });

  test('a token that is over is bought anew and the request repeated', async () => {
    const belfry = await loggedIn();
    server.put('/v1/web/send', refusal(401, 'unauthenticated'), TICK, TICK);
    await belfry.send('bob@x', 'hello');
    expect(server.asked.filter(({ path }) => path.endsWith('send')).map(({ token }) => token)).toEqual([
      'first',
      'second',
    ]);
  });

  test('a device that was removed is forgotten, and it is said', async () => {
    const belfry = await loggedIn();
    server.put('/v1/web/sync', page(1, []));
    server.put('/v1/web/synccheck', {
      body: { retcode: 1100, selector: 0, code: 'revoked', message: 'Removed.' },
    });
    const ended = new Promise((resolve) => belfry.on('ended', resolve));
    await belfry.start();
    expect(await ended).toBe('Removed.');
    expect(open().address).toBe('');
  });
});

describe('sending', () => {
  test('a text is sent with one id until the server has it, and outlives the page', async () => {
    const belfry = await loggedIn();
    server.put('/v1/web/send', 'lost', refusal(503, 'storage_failed', '5000'), TICK);
    await belfry.send('bob@x', 'hello');
    const sent = server.asked
      .filter(({ path }) => path.endsWith('send'))
      .map(({ body }) => body['clientMessageId']);
    expect(sent).toHaveLength(3);
    expect(new Set(sent).size).toBe(1);
    expect(pauses.some((ms) => ms >= 5_000)).toBe(true);
    expect(belfry.outbox).toEqual([]);
  });

  test('texts go in order, also those of the page before', async () => {
    storage.setItem('belfry.owner', '"alice@x"');
    storage.setItem('belfry.outbox', '[{"id":"old","to":"bob@x","text":"left over"}]');
    const belfry = await loggedIn();
    server.put('/v1/web/send', TICK);
    await Promise.all([belfry.send('bob@x', 'one'), belfry.send('bob@x', 'two')]);
    const texts = server.asked.filter(({ path }) => path.endsWith('send')).map(({ body }) => body['text']);
    expect(texts).toEqual(['left over', 'one', 'two']);
  });

  test('what another account left unsent is not sent', async () => {
    storage.setItem('belfry.owner', '"eve@x"');
    storage.setItem('belfry.outbox', '[{"id":"old","to":"bob@x","text":"of eve"}]');
    expect((await loggedIn()).outbox).toEqual([]);
  });

  test('a refusal that stays lets the next one through', async () => {
    const belfry = await loggedIn();
    server.put('/v1/web/send', refusal(404, 'not_found'), TICK, TICK);
    const [first, second] = await Promise.allSettled([
      belfry.send('nobody@x', 'a'),
      belfry.send('bob@x', 'b'),
    ]);
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'not_found' } });
    expect((first as PromiseRejectedResult).reason).toBeInstanceOf(Refused);
    expect(second.status).toBe('fulfilled');
  });
});

describe('being told', () => {
  const texts = (belfry: Belfry, count: number) => {
    const got: string[] = [];
    return new Promise<string[]>((resolve) =>
      belfry.on('message', (message) => {
        got.push(message.content.text);
        if (got.length === count) resolve(got);
      }),
    );
  };

  test('pages are taken until there is no more, then checks wait', async () => {
    const belfry = await loggedIn();
    server.put('/v1/web/sync', page(1, ['one'], true), page(2, ['two']), page(9, ['three']));
    server.put(
      '/v1/web/synccheck',
      { body: { retcode: 0, selector: 0 } },
      { body: { retcode: 0, selector: 1 } },
    );
    const told = texts(belfry, 3);
    await belfry.start();
    expect(await told).toEqual(['one', 'two', 'three']);
    belfry.stop();
    expect(server.paths().slice(1, 7)).toEqual([
      'web/init',
      'web/sync',
      'web/sync',
      'web/synccheck',
      'web/synccheck',
      'web/sync',
    ]);
    const keys = server.asked
      .filter(({ path }) => path.endsWith('synccheck'))
      .map(({ query }) => query.get('key'));
    expect(keys).toEqual(['1_2', '1_2']);
  });

  test('a page whose answer is lost is asked for with the same key', async () => {
    const belfry = await loggedIn();
    server.put('/v1/web/sync', 'lost', page(1, ['one']));
    const told = texts(belfry, 1);
    await belfry.start();
    expect(await told).toEqual(['one']);
    belfry.stop();
    const keys = server.asked.filter(({ path }) => path.endsWith('/sync')).map(({ body }) => body['SyncKey']);
    expect(keys).toEqual([key(0).SyncKey, key(0).SyncKey]);
  });

  test('a callback that fails keeps nothing from the others', async () => {
    const belfry = await loggedIn();
    const error = console.error;
    console.error = () => {};
    server.put('/v1/web/sync', page(1, ['one']));
    belfry.on('message', () => {
      throw new Error('a fault of the page');
    });
    const told = texts(belfry, 1);
    await belfry.start();
    expect(await told).toEqual(['one']);
    belfry.stop();
    console.error = error;
  });

  test('a server that stops is left alone as long as it says', async () => {
    const belfry = await loggedIn();
    server.put('/v1/web/sync', page(1, []), page(2, ['back']));
    const going = {
      retcode: 1102,
      selector: 0,
      code: 'going_away',
      message: 'Stopping.',
      retryAfterMs: '3000',
    };
    server.put('/v1/web/synccheck', { body: going });
    const told = texts(belfry, 1);
    await belfry.start();
    await told;
    belfry.stop();
    expect(pauses.some((ms) => ms >= 3_000)).toBe(true);
  });

  test('a chat that is not there has no history', async () => {
    const belfry = await loggedIn();
    server.put('/v1/message/history', refusal(404, 'not_found'), {
      body: { messages: [{ cseq: '1' }], more: true },
    });
    expect(await belfry.history('bob@x')).toEqual({ messages: [], more: false });
    expect(await belfry.history('bob@x')).toEqual({ messages: [{ cseq: '1' }], more: true });
  });
});
