// The signed-in half against the real server, all the way: sign-up by invitation, request, accept, presence, messages,
// blocking. Left out where the server does not offer it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import {
  PASSWORD,
  act,
  atHome,
  go,
  openChat,
  presence,
  request,
  seesUnder,
  signIn,
} from '../support/account';
import { Person, launch } from '../support/browser';
import { type TestServer, startServer } from '../support/server';

let server: TestServer;
let browser: Browser;
let offered = false;

beforeAll(async () => {
  server = await startServer();
  browser = await launch();
  const asked = await fetch(`${server.url}/v1/contact/list`, { method: 'POST' });
  offered = asked.status !== 404 && process.env['BELFRY_URL'] === undefined;
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const banner = (person: Person) => person.page.locator('.chat .banner');

test('two accounts meet by an invitation, talk, block and make up', async ({ skip }) => {
  if (!offered) return skip('this server knows no contacts, or accounts cannot be made on it from here');
  const ada = await server.addAccount('ada', PASSWORD);
  const a = await signIn(browser, server, ada);
  await go(a, '#/add');
  await a.page.selectOption('#invite-kind', 'sign-up');
  await a.page.click('form:has(#invite-kind) button');
  const link = await a.page.inputValue('#invite-link');

  const b = await (await Person.arrive(browser, link)).open();
  const uri = await b.page.getAttribute('.in-xmpp', 'href');
  expect(uri).toMatch(new RegExp(`^xmpp:.*;preauth=${link.split('/i/')[1]}$`));
  await b.page.fill('#display-name', 'Bob Bee');
  await b.page.fill('#account-name', 'bob');
  await b.page.fill('#new-password', PASSWORD);
  await b.page.press('#new-password', 'Enter');
  await atHome(b);
  const bob = 'bob@localhost';
  await go(a, '#/people');
  await seesUnder(a, 'label ', ['Bob Bee']);
  await expect.poll(() => presence(a, bob), { timeout: 60_000 }).toBe('online');

  await openChat(a, bob);
  await openChat(b, ada);
  await a.say('Welcome!');
  await b.sees('Welcome!');
  await a.page.waitForSelector('.message.mine.read');
  await b.say('Thank you');
  await a.sees('Thank you');

  await go(b, '#/settings');
  await b.page.check('.radio[value=busy]');
  await go(a, '#/people');
  await expect.poll(() => presence(a, bob), { timeout: 60_000 }).toBe('busy');

  await go(a, `#/person/${bob}`);
  await act(a, 'block', bob);
  await openChat(a, bob);
  await banner(a).getByText('You have blocked').waitFor();
  await openChat(b, ada);
  await expect.poll(() => b.page.textContent('.chat .room-subtitle'), { timeout: 60_000 }).not.toBe('online');
  await b.say('Are you there?');
  await b.page.waitForSelector('.message.mine.stored');
  await act(a, 'unblock', bob);
  await banner(a).waitFor({ state: 'hidden' });
  await b.say('And now?');
  await a.sees('And now?', 20_000);
  expect(await a.texts()).toEqual(['Welcome!', 'Thank you', 'And now?']);
  for (const person of [a, b]) {
    expect(person.troubles).toEqual([]);
    await person.leaveBrowser();
  }
}, 120_000);

test('two strangers: a request with a note, accepted; a message that waits apart', async ({ skip }) => {
  if (!offered) return skip('this server knows no contacts, or accounts cannot be made on it from here');
  const [carl, dora, eve] = [
    await server.addAccount('carl', PASSWORD),
    await server.addAccount('dora', PASSWORD),
    await server.addAccount('eve', PASSWORD),
  ];
  const c = await signIn(browser, server, carl);
  const d = await signIn(browser, server, dora);
  await request(c, dora, 'Hello Dora');
  await go(d, '#/people');
  await expect.poll(() => d.page.locator('.request-note').allTextContents()).toEqual(['Hello Dora']);
  await act(d, 'accept', carl);
  await go(c, '#/people');
  await seesUnder(c, 'label ', ['dora']);
  await expect.poll(() => presence(c, dora), { timeout: 60_000 }).toBe('online');
  await d.leaveBrowser();
  await expect.poll(() => presence(c, dora), { timeout: 60_000 }).toMatch(/^last seen/);

  const e = await signIn(browser, server, eve);
  await openChat(e, carl);
  await e.say('Do you know me?');
  await go(c, '#/');
  await c.page.click('[data-section=requests] summary');
  await c.page.click('[data-section=requests] .entry');
  await c.sees('Do you know me?');
  await act(c, 'hear', eve);
  await banner(c).waitFor({ state: 'hidden' });
  await e.page.waitForSelector('.message.mine.read');
  for (const person of [c, e]) {
    expect(person.troubles).toEqual([]);
    await person.leaveBrowser();
  }
}, 120_000);
