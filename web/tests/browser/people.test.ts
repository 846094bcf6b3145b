// The signed-in half against the stand-in server: signing in and out, invitations, contacts, presence, requests, blocking,
// chats, settings.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import {
  PASSWORD,
  act,
  atHome,
  fillSignIn,
  go,
  openChat,
  presence,
  request,
  seesUnder,
  signIn,
} from '../support/account';
import { Person, launch } from '../support/browser';
import { type TestServer, mock } from '../support/server';

let server: TestServer;
let browser: Browser;
let people: Person[] = [];
let names = 0;

beforeAll(async () => {
  server = await mock();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  for (const person of people) {
    expect(person.troubles).toEqual([]);
    await person.leaveBrowser();
  }
  people = [];
});

async function account(stem: string, options?: Parameters<typeof signIn>[3]): Promise<[Person, string]> {
  const address = await server.addAccount(`${stem}${(names += 1)}`, PASSWORD);
  const person = await signIn(browser, server, address, options);
  people.push(person);
  return [person, address];
}

async function arrive(url: string): Promise<Person> {
  const person = await Person.arrive(browser, url);
  people.push(person);
  return person.open();
}

/** Two who are contacts of each other. */
async function friends(): Promise<[Person, string, Person, string]> {
  const [a, ada] = await account('ada');
  const [b, bob] = await account('bob');
  await request(a, bob, 'Hello Bob');
  await go(b, '#/people');
  await act(b, 'accept', ada);
  await go(a, '#/people');
  await seesUnder(a, 'label ', [local(bob)]);
  await seesUnder(b, 'label ', [local(ada)]);
  return [a, ada, b, bob];
}
const local = (address: string) => address.split('@')[0] ?? '';
const toast = (person: Person) => person.page.locator('.toast.shown');
const composer = (person: Person) => person.page.locator('.chat .composer-field');

test('one signs in from the first page, comes back after a reload, and signs out', async () => {
  const address = await server.addAccount('signer', PASSWORD);
  const a = await arrive(server.url);
  await a.page.click('.account-link');
  await fillSignIn(a, address, 'not the password');
  await expect.poll(() => a.page.textContent('.form-says')).toBe('The address or the password is wrong.');
  await fillSignIn(a, address, PASSWORD);
  await atHome(a);
  expect(await a.page.textContent('.foot-name')).toContain('signer');
  await a.page.reload();
  await atHome(a);
  await go(a, '#/settings');
  await a.page.click('text=Sign out');
  await a.page.waitForSelector('.welcome #name');
  expect(await a.page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  await a.page.reload();
  await a.page.waitForSelector('.welcome #name');
});

test('the same browser in a second tab takes the account over, and it can be taken back', async () => {
  const [a] = await account('tabs');
  const second = await a.context.newPage();
  await second.goto(server.url);
  await second.waitForSelector('.home .link-state.live', { state: 'attached' });
  await a.page.waitForSelector('.link-bar:not([hidden])');
  expect(await a.page.textContent('.link-bar')).toContain('another tab');
  await a.page.click('.link-bar button');
  await atHome(a);
  await second.waitForSelector('.link-bar:not([hidden])');
});

test('a request comes with its note, is accepted, and both see each other there', async () => {
  const [a, ada] = await account('ada');
  const [b, bob] = await account('bob');
  await go(b, '#/people');
  await request(a, bob, '<b>Hello</b> Bob');
  await go(a, '#/people');
  await seesUnder(a, 'sent', [local(bob)]);
  await b.page.waitForSelector('.request');
  expect(await b.page.textContent('.request-note')).toBe('<b>Hello</b> Bob');
  expect(await b.page.textContent('.side-tab-people .count')).toBe('1');
  await act(b, 'accept', ada);
  await seesUnder(a, 'label ', [local(bob)]);
  await seesUnder(b, 'label ', [local(ada)]);
  await expect.poll(() => presence(a, bob)).toBe('online');
  await go(b, '#/settings');
  await b.page.check('.radio[value=busy]');
  await expect.poll(() => presence(a, bob)).toBe('busy');
  expect(await a.page.locator('.sections .presence.busy').count()).toBe(1);
  await b.page.check('.radio[value=offline]');
  await expect.poll(() => presence(a, bob)).toMatch(/offline|last seen/);
  await b.page.check('.radio[value=online]');
  await expect.poll(() => presence(a, bob)).toBe('online');
  await b.leaveBrowser();
  people = people.filter((person) => person !== b);
  await expect.poll(() => presence(a, bob)).toBe('last seen just now');
});

test('a request can be taken back or refused', async () => {
  const [a, ada] = await account('ada');
  const [b, bob] = await account('bob');
  await request(a, bob, '');
  await go(a, '#/people');
  await go(b, '#/people');
  await seesUnder(b, 'incoming', [local(ada)]);
  await act(a, 'withdraw', bob);
  await seesUnder(a, 'sent', []);
  await seesUnder(b, 'incoming', []);
  await request(a, bob, 'Please');
  await seesUnder(b, 'incoming', [local(ada)]);
  await act(b, 'refuse', ada);
  await seesUnder(b, 'incoming', []);
  await seesUnder(a, 'sent', []);
});

test('nobody is found by what nobody has', async () => {
  const [a] = await account('seeker');
  await go(a, '#/add');
  for (const query of ['nobody@localhost', '+49 151 000000', '<script>alert(1)</script>']) {
    await a.page.fill('#find', query);
    await a.page.press('#find', 'Enter');
    await expect.poll(() => a.page.textContent('.form-says.wrong')).toBe('Nobody was found by this.');
    await a.page.fill('#find', '');
    await a.page.press('#find', 'Enter');
    await expect.poll(() => a.page.textContent('.form-says.wrong')).toContain('Type an address');
  }
});

test('contacts are named, sorted under labels, and removed', async () => {
  const [a, ada, b, bob] = await friends();
  await go(a, `#/person/${bob}`);
  await a.page.fill('#contact-name', 'Bobby <i>');
  await a.page.fill('#contact-labels', 'Work, Chess,  Work ,');
  await a.page.press('#contact-labels', 'Enter');
  await expect.poll(() => a.page.textContent('.person-card h1')).toBe('Bobby <i>');
  await seesUnder(a, 'label Chess', ['Bobby <i>']);
  await seesUnder(a, 'label Work', ['Bobby <i>']);
  await act(a, 'remove', bob);
  await seesUnder(a, 'label Work', []);
  await expect.poll(() => presence(b, ada)).toBe('in your list only');
  expect(await toast(a).textContent()).toContain('no longer a contact');
});

test('two talk: ticks, typing, unread, the mark of what was read', async () => {
  const [a, ada, b, bob] = await friends();
  await openChat(a, bob);
  await a.say('Hello Bob');
  await a.page.waitForSelector('.message.mine.delivered');
  await go(b, '#/');
  await expect.poll(() => b.page.textContent('.sections .count')).toContain('1');
  expect(await b.page.title()).toMatch(/^\(1\) /);
  await openChat(b, ada);
  await b.sees('Hello Bob');
  await a.page.waitForSelector('.message.mine.read');
  await expect.poll(() => b.page.title()).not.toMatch(/^\(/);
  await composer(b).pressSequentially('Hi');
  await expect.poll(() => a.page.textContent('.chat .room-subtitle')).toBe('typing…');
  await b.page.press('.composer-field', 'Enter');
  await a.sees('Hi');
  await expect.poll(() => a.page.textContent('.chat .room-subtitle')).toBe('online');
  expect(await a.texts()).toEqual(['Hello Bob', 'Hi']);
  await a.page.reload();
  await a.page.waitForSelector('.chat');
  await expect.poll(() => a.texts()).toEqual(['Hello Bob', 'Hi']);
});

test('what is written without a network is sent once when it is back, also after a reload', async () => {
  const [a, ada, b, bob] = await friends();
  await openChat(a, bob);
  await openChat(b, ada);
  await a.say('Before');
  await b.sees('Before');
  a.networkErrorsAllowed = b.networkErrorsAllowed = true;
  await server.restart?.(100);
  await a.say('During');
  await a.page.reload();
  await b.sees('During', 30_000);
  await b.say('After');
  await a.sees('After', 30_000);
  expect(await b.texts()).toEqual(['Before', 'During', 'After']);
  await expect.poll(() => a.texts()).toEqual(['Before', 'During', 'After']);
});

test('older messages come while one scrolls up', async () => {
  const [a, ada, b, bob] = await friends();
  await openChat(a, bob);
  for (let i = 0; i < 70; i += 1) await a.say(`line ${i}`);
  await a.page.waitForSelector('.message.mine:not(.sending) >> text=line 69');
  await openChat(b, ada);
  await b.sees('line 69');
  const log = b.page.locator('.log');
  await expect
    .poll(async () => {
      await log.evaluate((element) => element.scrollTo({ top: 0 }));
      return (await b.texts())[0];
    })
    .toBe('line 0');
  expect(await b.texts()).toEqual(Array.from({ length: 70 }, (_, i) => `line ${i}`));
});

test('a stranger’s message waits apart and unread until it is accepted', async () => {
  const [a, ada] = await account('ada');
  const [b, bob] = await account('stranger');
  await openChat(b, ada);
  await b.say('Do you know me?');
  await go(a, '#/');
  await a.page.waitForSelector('[data-section=requests]');
  expect(await a.page.locator('[data-section=chats] .entry').count()).toBe(0);
  await a.page.click('[data-section=requests] summary');
  await a.page.click('[data-section=requests] .entry');
  await a.sees('Do you know me?');
  await a.page.waitForSelector('.banner >> text=Accept messages');
  await b.page.waitForSelector('.message.mine.delivered');
  expect(await b.page.locator('.message.mine.read').count()).toBe(0);
  await act(a, 'hear', bob);
  await a.page.waitForSelector('.banner', { state: 'hidden' });
  await seesUnder(a, 'chats', [local(bob)]);
  await b.page.waitForSelector('.message.mine.read');
});

test('whoever is blocked reaches nobody and sees nothing of it; it can be undone', async () => {
  const [a, ada, b, bob] = await friends();
  await openChat(a, bob);
  await openChat(b, ada);
  await go(a, `#/person/${bob}`);
  await act(a, 'block', bob);
  await expect.poll(() => toast(a).textContent()).toContain('is blocked');
  await openChat(a, bob);
  await a.page.waitForSelector('.banner >> text=You have blocked');
  expect(await composer(a).isVisible()).toBe(false);
  await expect.poll(() => b.page.textContent('.chat .room-subtitle')).toMatch(/offline|last seen|@/);
  await b.say('Are you there?');
  await b.page.waitForSelector('.message.mine.stored');
  await go(a, '#/people');
  await a.page.click('[data-section=blocked] summary');
  await seesUnder(a, 'blocked', [local(bob)]);
  await act(a, 'unblock', bob);
  await seesUnder(a, 'blocked', []);
  await openChat(a, bob);
  await b.say('And now?');
  await a.sees('And now?');
  expect(await a.texts()).toEqual(['And now?']);
});

test('an invitation makes an account and two contacts', async () => {
  const [a, ada] = await account('ada');
  await go(a, '#/add');
  await a.page.selectOption('#invite-kind', 'sign-up');
  await a.page.click('form:has(#invite-kind) button');
  await a.page.waitForSelector('.qr svg[role=img]');
  const link = await a.page.inputValue('#invite-link');
  const b = await arrive(link);
  await expect.poll(() => b.page.textContent('.invite-body h1')).toBe(`${local(ada)} invites you`);
  await b.page.fill('#display-name', 'Newcomer');
  await b.page.fill('#account-name', 'newcomer');
  await b.page.fill('#new-password', 'short');
  await b.page.press('#new-password', 'Enter');
  await expect.poll(() => b.page.textContent('.form-says')).toContain('8 characters');
  await b.page.fill('#new-password', PASSWORD);
  await b.page.press('#new-password', 'Enter');
  await atHome(b);
  expect(new URL(b.page.url()).pathname).toBe('/');
  await go(a, '#/people');
  await seesUnder(a, 'label ', ['Newcomer']);
  const again = await arrive(link);
  await expect.poll(() => again.page.textContent('.lead')).toContain('used up');
});

test('an invitation is accepted by who has an account, signed in or not', async () => {
  const [a] = await account('ada');
  const [b, bob] = await account('bob');
  const invite = async () => {
    await go(a, '#/');
    await go(a, '#/add');
    await a.page.selectOption('#invite-kind', 'contact');
    await a.page.click('form:has(#invite-kind) button');
    return a.page.inputValue('#invite-link');
  };
  b.networkErrorsAllowed = true;
  await b.page.goto(await invite());
  await b.page.click('text=Accept');
  await atHome(b);
  await go(a, '#/people');
  await seesUnder(a, 'label ', [local(bob)]);

  const carl = await server.addAccount('carl', PASSWORD);
  const c = await arrive(await invite());
  await c.page.waitForSelector('#address');
  expect(await c.page.locator('text=Make an account').count()).toBe(0);
  await fillSignIn(c, carl, PASSWORD);
  await atHome(c);
  await go(a, '#/people');
  await seesUnder(a, 'label ', [local(bob), 'carl']);
});

test('a picture is made small, shown to others, and taken away', async () => {
  const [a, ada, b] = await friends();
  await go(a, '#/settings');
  const base64 = await a.page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [1200, 900];
    const context = canvas.getContext('2d')!;
    // Noise is the hardest picture to make small.
    const noise = context.createImageData(1200, 900);
    for (let at = 0; at < noise.data.length; at += 1) noise.data[at] = (at * 2654435761) >>> 24;
    context.putImageData(noise, 0, 0);
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  });
  const buffer = Buffer.from(base64, 'base64');
  await a.page.setInputFiles('#picture', { name: 'noise.png', mimeType: 'image/png', buffer });
  await a.page.waitForSelector('.person-card img.avatar');
  await b.page.reload();
  await atHome(b);
  await go(b, `#/person/${ada}`);
  const picture = b.page.locator('.person-card img.avatar');
  await picture.waitFor();
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(256);
  await a.page.setInputFiles('#picture', { name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no') });
  await expect.poll(() => toast(a).textContent()).toContain('no picture that the browser can read');
  await a.page.click('text=No picture');
  await a.page.waitForSelector('.person-card img', { state: 'detached' });
});

test('what one says of oneself and who may see it is kept', async () => {
  const [a, ada, b] = await friends();
  await go(a, '#/settings');
  await a.page.fill('#own-name', 'Ada <b>L</b>');
  await a.page.fill('#own-about', 'Poetical science');
  await a.page.press('#own-name', 'Enter');
  await expect.poll(() => a.page.textContent('.person-card')).toContain('Poetical science');
  await a.page.selectOption('#privacy-about', 'nobody');
  await expect.poll(() => toast(a).textContent()).toBe('Saved.');
  await a.page.reload();
  await atHome(a);
  await expect.poll(() => a.page.inputValue('#privacy-about')).toBe('nobody');
  await b.page.reload();
  await atHome(b);
  await go(b, `#/person/${ada}`);
  await expect.poll(() => b.page.textContent('.person-card h1')).toBe('Ada <b>L</b>');
  expect(await b.page.textContent('.person-card')).not.toContain('Poetical');
});

test('the lobby is one click away, and so is the way back', async () => {
  const [a] = await account('roomer');
  await a.page.click('.lobby-link');
  await a.page.waitForSelector('.room-head h1 >> text=Lobby');
  await a.live();
  await a.say('Hello lobby');
  await a.sees('Hello lobby');
  await a.page.click('.room-head a[href="#/"]');
  await atHome(a);
  await a.page.click('.lobby-link');
  await a.sees('Hello lobby');
});

test('on a phone either the lists or what was chosen is shown, and back goes back', async () => {
  const [, , b, bob] = await friends();
  await b.leaveBrowser();
  people = people.filter((person) => person !== b);
  const phone = await signIn(browser, server, bob, { viewport: { width: 390, height: 844 }, hasTouch: true });
  people.push(phone);
  const { page } = phone;
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await go(phone, '#/people');
  expect(await page.locator('.pane-place').isVisible()).toBe(false);
  expect(await overflow()).toBeLessThanOrEqual(0);
  await page.click('.sections .entry');
  await page.waitForSelector('.chat .log');
  expect(await page.locator('.home-side').isVisible()).toBe(false);
  for (const place of ['#/settings', '#/add', `#/person/${bob}`]) {
    await go(phone, place);
    expect(await overflow()).toBeLessThanOrEqual(0);
  }
  for (let i = 0; i < 4; i += 1) await page.goBack();
  await page.waitForSelector('.home-side');
  expect(await page.locator('.pane-place').isVisible()).toBe(false);
});

test('without WebSocket the account lives by long polls', async () => {
  const [a, ada] = await account('ada');
  const address = await server.addAccount(`poller${(names += 1)}`, PASSWORD);
  const b = await Person.arrive(browser, server.url);
  people.push(b);
  b.networkErrorsAllowed = true;
  await b.page.addInitScript(() => Reflect.set(window, 'WebSocket', undefined));
  await b.page.goto(`${server.url}/#/sign-in`);
  await fillSignIn(b, address, PASSWORD);
  await b.page.waitForSelector('.home .link-state.live.polls', { state: 'attached', timeout: 30_000 });
  await openChat(a, address);
  await a.say('By post?');
  await go(b, '#/');
  await b.page.click('[data-section=requests] summary', { timeout: 30_000 });
  await openChat(b, ada);
  await b.sees('By post?');
  await b.say('By post.');
  await a.sees('By post.');
});
