// The chats of the signed-in half against the stand-in server: ticks, typing, what was missed, strangers; tabs, carriers,
// the way to the lobby, small screens.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  PASSWORD,
  type World,
  act,
  atHome,
  fillSignIn,
  go,
  local,
  openChat,
  seesUnder,
  signIn,
  world,
} from '../support/account';
import { Person } from '../support/browser';

let w: World;
beforeAll(async () => void (w = await world()));
afterEach(() => w.clear());
afterAll(() => w?.end());

const composer = (person: Person) => person.page.locator('.chat .composer-field');

test('the same browser in a second tab takes the account over, and it can be taken back', async () => {
  const [a] = await w.account('tabs');
  const second = await a.context.newPage();
  await second.goto(w.server.url);
  await second.waitForSelector('.home .link-state.live', { state: 'attached' });
  await a.page.waitForSelector('.link-bar:not([hidden])');
  expect(await a.page.textContent('.link-bar')).toContain('another tab');
  await a.page.click('.link-bar button');
  await atHome(a);
  await second.waitForSelector('.link-bar:not([hidden])');
});

test('two talk: ticks, typing, unread, the mark of what was read', async () => {
  const [a, ada, b, bob] = await w.friends();
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
  const [a, ada, b, bob] = await w.friends();
  await openChat(a, bob);
  await openChat(b, ada);
  await a.say('Before');
  await b.sees('Before');
  a.networkErrorsAllowed = b.networkErrorsAllowed = true;
  await w.server.restart?.(100);
  await a.say('During');
  await a.page.reload();
  await b.sees('During', 30_000);
  await b.say('After');
  await a.sees('After', 30_000);
  expect(await b.texts()).toEqual(['Before', 'During', 'After']);
  await expect.poll(() => a.texts()).toEqual(['Before', 'During', 'After']);
});

test('older messages come while one scrolls up', async () => {
  const [a, ada, b, bob] = await w.friends();
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
  const [a, ada] = await w.account('ada');
  const [b, bob] = await w.account('stranger');
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

test('the lobby is one click away, and so is the way back', async () => {
  const [a] = await w.account('roomer');
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
  const [, , b, bob] = await w.friends();
  await w.left(b);
  const phone = await signIn(w.browser, w.server, bob, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
  });
  w.people.push(phone);
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
  const [a, ada] = await w.account('ada');
  const address = await w.server.addAccount(`poller`, PASSWORD);
  const b = await Person.arrive(w.browser, w.server.url);
  w.people.push(b);
  b.networkErrorsAllowed = true;
  await b.page.addInitScript(() => Reflect.set(window, 'WebSocket', undefined));
  await b.page.goto(`${w.server.url}/#/sign-in`);
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
