// When the network is against one: WebSocket blocked, the server restarted, the network gone for a while.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { Person, launch } from '../support/browser';
import { type TestServer, startServer } from '../support/server';

let server: TestServer;
let browser: Browser;
beforeAll(async () => {
  server = await startServer();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

async function arrive(): Promise<Person> {
  const person = await Person.arrive(browser, server.url);
  person.networkErrorsAllowed = true;
  return person;
}

const times = (texts: string[], text: string) => texts.filter((t) => t === text).length;

test('where WebSocket is refused, the chat goes on by long polls', async () => {
  const a = await arrive();
  await a.page.routeWebSocket(/\/v1\/socket/, (socket) => void socket.close());
  await a.join('No sockets');
  await a.live('polls');
  const b = await (await arrive()).join('Sockets');
  await a.say('by poll');
  await b.sees('by poll');
  await b.say('by socket');
  await a.sees('by socket');
  expect(times(await a.texts(), 'by poll')).toBe(1);
  expect(await a.people()).toEqual(expect.arrayContaining(['No sockets', 'Sockets']));
  expect([...a.troubles, ...b.troubles]).toEqual([]);
  await a.leaveBrowser();
  await b.leaveBrowser();
});

test('when WebSocket works again, the page goes back to it, and nothing is lost or doubled', async () => {
  const a = await arrive();
  let blocked = true;
  await a.page.routeWebSocket(/\/v1\/socket/, (socket) => {
    if (blocked) void socket.close();
    else socket.connectToServer();
  });
  await a.join('Back again');
  await a.live('polls');
  await a.say('said by poll');
  blocked = false;
  await a.page.waitForSelector('.link-state.live:not(.polls)', { timeout: 30_000 });
  await a.say('said by socket');
  await expect
    .poll(() => a.page.locator('.message.mine.stored .text').allTextContents())
    .toContain('said by socket');
  for (const text of ['said by poll', 'said by socket']) expect(times(await a.texts(), text)).toBe(1);
  expect(a.troubles).toEqual([]);
  await a.leaveBrowser();
});

test('where WebSocket neither opens nor fails, the chat goes on by long polls', async () => {
  const a = await arrive();
  await a.page.addInitScript(() => {
    // As behind a proxy that never answers the upgrade.
    class Hanging extends EventTarget {
      close(): void {}
    }
    Reflect.set(window, 'WebSocket', Hanging);
  });
  await goesOnByPolls(a, 'Hanging');
});

test('where WebSocket opens but nothing comes through, the chat goes on by long polls', async () => {
  const a = await arrive();
  await a.page.routeWebSocket(/\/v1\/socket/, () => {});
  await goesOnByPolls(a, 'Silent');
});

async function goesOnByPolls(a: Person, name: string): Promise<void> {
  await a.join(name);
  await a.live('polls');
  await a.say('still here');
  await a.page.waitForSelector('.message.mine.stored');
  expect(a.troubles).toEqual([]);
  await a.leaveBrowser();
}

test('after a restart of the server the page is back, and nothing is lost or doubled', async (context) => {
  if (!server.restart) return context.skip();
  const a = await (await arrive()).join('Restart A');
  const b = await (await arrive()).join('Restart B');
  await a.say('before');
  await b.sees('before');
  const restarted = server.restart(3_000);
  await a.page.waitForSelector('.link-state:not(.live)');
  await a.say('meanwhile');
  expect(await a.page.locator('.message.sending .text').allTextContents()).toEqual(['meanwhile']);
  await restarted;
  await a.live();
  await b.live();
  await b.sees('meanwhile', 30_000);
  await b.say('after');
  await a.sees('after');
  for (const person of [a, b]) {
    for (const text of ['before', 'meanwhile', 'after']) expect(times(await person.texts(), text)).toBe(1);
    expect(person.troubles).toEqual([]);
    await person.leaveBrowser();
  }
});

test('what is written without a network is sent when it is back, once', async () => {
  const a = await (await arrive()).join('Tunnel A');
  const b = await (await arrive()).join('Tunnel B');
  await a.context.setOffline(true);
  await a.say('from the tunnel');
  await a.page.waitForTimeout(1_500);
  await a.context.setOffline(false);
  await b.sees('from the tunnel', 40_000);
  await a.page.waitForSelector('.message.mine.stored');
  expect(times(await a.texts(), 'from the tunnel')).toBe(1);
  expect(times(await b.texts(), 'from the tunnel')).toBe(1);
  expect([...a.troubles, ...b.troubles]).toEqual([]);
  await a.leaveBrowser();
  await b.leaveBrowser();
});

test('a stay that is copied to a second tab is one person, and nothing is doubled', async () => {
  const a = await (await arrive()).join('Two tabs');
  const kept = await a.page.evaluate(() => JSON.stringify(sessionStorage));
  const second = await a.context.newPage();
  await second.addInitScript((text) => {
    for (const [key, value] of Object.entries(JSON.parse(text) as Record<string, string>)) {
      sessionStorage.setItem(key, value);
    }
  }, kept);
  await second.goto(server.url);
  await second.waitForSelector('.link-state.live');
  await second.fill('.composer-field', 'from the second tab');
  await second.press('.composer-field', 'Enter');
  await second.waitForSelector('.message.mine.stored');
  const people = await second.locator('.people .person-name').allTextContents();
  expect(people.filter((name) => name === 'Two tabs')).toHaveLength(1);
  expect(times(await second.locator('.message .text').allTextContents(), 'from the second tab')).toBe(1);
  await a.leaveBrowser();
});

test('a name that is gone is asked for again, with the old one filled in', async () => {
  const a = await (await arrive()).join('Lost token');
  await a.page.evaluate(() => {
    const kept = JSON.parse(sessionStorage.getItem('belfry.stay') ?? '{}') as Record<string, unknown>;
    sessionStorage.setItem('belfry.stay', JSON.stringify({ ...kept, token: 'no such token' }));
  });
  await a.page.reload();
  await a.page.waitForSelector('.welcome');
  expect(await a.page.inputValue('#name')).toBe('Lost token');
  expect(await a.page.textContent('#name-hint')).toContain('given up');
  await a.leaveBrowser();
});
