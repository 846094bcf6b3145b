// Two people in the lobby: talking, names and their limits, reloading, leaving.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { Person, launch } from '../support/browser';
import { type TestServer, pause, startServer } from '../support/server';

let server: TestServer;
let browser: Browser;
let people: Person[] = [];
let names = 0;

beforeAll(async () => {
  server = await startServer();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(() => (people = []));
afterEach(async () => {
  for (const person of people) {
    expect(person.troubles).toEqual([]);
    await person.leaveBrowser();
  }
});

async function arrive(options?: Parameters<typeof Person.arrive>[2]): Promise<Person> {
  const person = await Person.arrive(browser, server.url, options);
  people.push(person);
  return person;
}
const fresh = (stem: string) => `${stem} ${(names += 1)}`;

test('two people talk both ways and see each other', async () => {
  const [ada, bob] = [fresh('Ada'), fresh('Bob')];
  const a = await (await arrive()).join(ada);
  const b = await (await arrive()).join(bob);
  await expect.poll(() => a.people()).toEqual(expect.arrayContaining([ada, bob]));
  await expect.poll(() => b.people()).toEqual(expect.arrayContaining([ada, bob]));
  expect(await a.page.locator('.person.me .badge').textContent()).toBe('You');
  expect((await a.people())[0]).toBe(ada);

  await a.say('Is anybody there?');
  await b.sees('Is anybody there?');
  await b.say('Me!');
  await a.sees('Me!');
  await a.page.waitForSelector('.message.mine.stored');
  expect(await a.page.locator('.message.theirs .author').last().textContent()).toContain(bob);
  expect(await a.page.locator('.message.mine').count()).toBe(1);
});

test('Shift+Enter makes a new line, Enter sends', async () => {
  const a = await (await arrive()).join(fresh('Lines'));
  await a.page.fill('.composer-field', 'one');
  await a.page.press('.composer-field', 'Shift+Enter');
  await a.page.keyboard.type('two');
  await a.page.press('.composer-field', 'Enter');
  await a.sees('one\ntwo');
  expect(await a.page.inputValue('.composer-field')).toBe('');
});

test('a reload keeps the stay and the history', async () => {
  const name = fresh('Grace');
  const a = await (await arrive()).join(name);
  const watcher = await (await arrive()).join(fresh('Watcher'));
  await a.say('before the reload');
  await a.page.waitForSelector('.message.mine.stored');
  await a.page.reload();
  await a.live();
  await a.sees('before the reload');
  expect(await a.page.locator('.message.mine .text').allTextContents()).toContain('before the reload');
  await a.say('after the reload');
  await watcher.sees('after the reload');
  expect(await watcher.people()).toContain(name);
  expect((await watcher.page.locator('.notice').allTextContents()).join()).not.toContain(name + ' left');
});

test('history loads as one scrolls up, and what is read stays in place', async () => {
  // One person may not write so much so fast; five may.
  const writers: string[] = [];
  for (let i = 0; i < 5; i += 1) writers.push(await joinByHttp(fresh('Writer')));
  const token = writers[0] ?? '';
  const batch = fresh('line');
  for (let i = 0; i < 130; i += 1) await sendByHttp(writers[i % 5] ?? '', `${batch} ${i}`);
  const a = await (await arrive()).join(fresh('Reader'));
  await a.sees(`${batch} 129`);
  const log = a.page.locator('.log');
  await expect
    .poll(async () => {
      await log.evaluate((element) => element.scrollTo({ top: 0 }));
      return (await a.texts()).includes(`${batch} 0`);
    })
    .toBe(true);
  const shown = (await a.texts()).filter((text) => text.startsWith(batch));
  expect(shown).toEqual(Array.from({ length: 130 }, (_, i) => `${batch} ${i}`));

  // In the middle of the log a message that arrives moves nothing and is offered by the pill.
  await log.evaluate((element) => element.scrollTo({ top: element.scrollHeight / 2 }));
  const row = a.page.locator('.message .text', { hasText: new RegExp(`^${batch} 70$`) });
  const before = (await row.boundingBox())?.y;
  await sendByHttp(token, `${batch} news`);
  await a.page.waitForSelector('.to-bottom.news');
  expect((await row.boundingBox())?.y).toBeCloseTo(before ?? NaN, 0);
  expect(await a.page.title()).toMatch(/^\(1\) /);
  await a.page.click('.to-bottom');
  await a.page.waitForSelector('.to-bottom', { state: 'hidden' });
  await expect.poll(() => a.page.title()).not.toMatch(/^\(/);
}, 120_000);

test('a name that is taken is refused beside the field, in words', async () => {
  const name = fresh('Linus');
  await (await arrive()).join(name);
  const b = await (await arrive()).open();
  await b.enter(name);
  await expect.poll(() => b.page.textContent('#name-hint')).toContain('already');
  expect(await b.page.inputValue('#name')).toBe(name);
  expect(await b.page.getAttribute('#name', 'aria-invalid')).toBe('true');
  await b.page.click('.chip');
  await b.page.press('#name', 'Enter');
  await b.live();
});

test('names have at most 16 characters, as a person counts them', async () => {
  const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466}';
  const a = await (await arrive()).open();
  await a.enter('x'.repeat(17));
  expect(await a.page.textContent('#name-hint')).toContain('17 characters');
  await a.enter('e\u0301'.repeat(17));
  expect(await a.page.textContent('#name-hint')).toContain('17 characters');
  await a.enter(family.repeat(17));
  expect(await a.page.textContent('#name-hint')).toContain('17 characters');
  await a.enter('   ');
  expect(await a.page.textContent('#name-hint')).toContain('Type a name');
  await a.enter('n'.repeat(16));
  await a.live();
  const b = await (await arrive()).open();
  await b.enter(family.repeat(16));
  await b.live();
  await expect.poll(() => a.people()).toContain(family.repeat(16));
});

test('messages have at most 140 characters, and the counter says how many are left', async () => {
  const a = await (await arrive()).join(fresh('Edge'));
  const b = await (await arrive()).join(fresh('Other'));
  const count = a.page.locator('.composer-count');
  await a.page.fill('.composer-field', 'a'.repeat(100));
  expect(await count.textContent()).toBe('');
  await a.page.fill('.composer-field', 'a'.repeat(130));
  expect(await count.textContent()).toBe('10');

  const long = '👍🏽'.repeat(141);
  await a.say(long);
  expect(await count.textContent()).toBe('-1');
  expect(await a.page.inputValue('.composer-field')).toBe(long);
  expect(await a.page.getAttribute('.send', 'aria-disabled')).toBe('true');
  for (const text of ['👍🏽'.repeat(140), 'e\u0301'.repeat(140), 'z'.repeat(140)]) {
    await a.say(text);
    await expect
      .poll(async () => (await b.texts()).map((t) => t.normalize('NFC')))
      .toContain(text.normalize('NFC'));
  }
  expect(await a.page.locator('.message.failed').count()).toBe(0);
});

test('closing the tab frees the name and the others are told', async () => {
  const name = fresh('Leaver');
  const a = await (await arrive()).join(fresh('Stayer'));
  const b = await Person.arrive(browser, server.url);
  await b.join(name);
  await expect.poll(() => a.people()).toContain(name);
  await b.leaveBrowser();
  await expect.poll(() => a.people(), { timeout: 20_000 }).not.toContain(name);
  expect((await a.page.locator('.notice').allTextContents()).join()).not.toContain('undefined');
  await (await arrive()).join(name);
});

test('leaving frees the name at once and goes back to the first page', async () => {
  const name = fresh('Quick');
  const a = await (await arrive()).join(name);
  await a.page.click('.leave');
  await a.page.waitForSelector('.welcome');
  expect(await a.page.inputValue('#name')).toBe(name);
  await pause(200);
  await (await arrive()).join(name);
});

test('on a small screen the people are in a drawer that keyboards can use', async () => {
  const a = await (await arrive({ viewport: { width: 360, height: 640 } })).open();
  const overflow = () => a.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(await overflow()).toBeLessThanOrEqual(0);
  await a.join(fresh('Phone'));
  expect(await overflow()).toBeLessThanOrEqual(0);
  await a.page.click('.open-drawer');
  await a.page.waitForSelector('.drawer-open');
  expect(await a.page.evaluate(() => document.activeElement?.className)).toContain('close-drawer');
  await a.page.keyboard.press('Escape');
  await expect.poll(() => a.page.locator('.drawer-open').count()).toBe(0);
  expect(await a.page.evaluate(() => document.activeElement?.className)).toContain('open-drawer');
});

async function post(path: string, body: object, token = ''): Promise<Record<string, unknown>> {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const reply = (await answer.json()) as Record<string, unknown>;
  if (answer.ok) return reply;
  const wait = Number(reply['retryAfterMs'] ?? 0);
  if (wait === 0) throw new Error(JSON.stringify(reply));
  await pause(wait);
  return post(path, body, token);
}

async function joinByHttp(name: string): Promise<string> {
  return String((await post('/v1/lobby/join', { name }))['token']);
}

/** The same id at every try: a repeated send is one message. */
async function sendByHttp(token: string, text: string): Promise<void> {
  await post('/v1/lobby/send', { clientMessageId: crypto.randomUUID(), text }, token);
}
