// The people of the signed-in half against the stand-in server: signing in and out, contacts, presence, requests,
// blocking, invitations, settings.
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
  presence,
  request,
  seesUnder,
  world,
} from '../support/account';
import type { Person } from '../support/browser';

let w: World;
beforeAll(async () => void (w = await world()));
afterEach(() => w.clear());
afterAll(() => w?.end());

const toast = (person: Person) => person.page.locator('.toast.shown');
const composer = (person: Person) => person.page.locator('.chat .composer-field');

test('one signs in from the first page, comes back after a reload, and signs out', async () => {
  const address = await w.server.addAccount('signer', PASSWORD);
  const a = await w.arrive(w.server.url);
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

test('a request comes with its note, is accepted, and both see each other there', async () => {
  const [a, ada] = await w.account('ada');
  const [b, bob] = await w.account('bob');
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
  await w.left(b);
  await expect.poll(() => presence(a, bob)).toBe('last seen just now');
});

test('a request can be taken back or refused', async () => {
  const [a, ada] = await w.account('ada');
  const [b, bob] = await w.account('bob');
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
  const [a] = await w.account('seeker');
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
  const [a, ada, b, bob] = await w.friends();
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

test('whoever is blocked reaches nobody and sees nothing of it; it can be undone', async () => {
  const [a, ada, b, bob] = await w.friends();
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
  const [a, ada] = await w.account('ada');
  await go(a, '#/add');
  await a.page.selectOption('#invite-kind', 'sign-up');
  await a.page.click('form:has(#invite-kind) button');
  await a.page.waitForSelector('.qr svg[role=img]');
  const link = await a.page.inputValue('#invite-link');
  const b = await w.arrive(link);
  await expect.poll(() => b.page.textContent('.invite-body h1')).toBe(`${local(ada)} invites you`);
  const uri = await b.page.getAttribute('.in-xmpp', 'href');
  expect(uri).toBe(`xmpp:${ada}?roster;preauth=${link.split('/i/')[1]}`);
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
  const again = await w.arrive(link);
  await expect.poll(() => again.page.textContent('.lead')).toContain('used up');
});

test('an invitation is accepted by who has an account, signed in or not', async () => {
  const [a] = await w.account('ada');
  const [b, bob] = await w.account('bob');
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

  const carl = await w.server.addAccount('carl', PASSWORD);
  const c = await w.arrive(await invite());
  await c.page.waitForSelector('#address');
  expect(await c.page.locator('text=Make an account').count()).toBe(0);
  await fillSignIn(c, carl, PASSWORD);
  await atHome(c);
  await go(a, '#/people');
  await seesUnder(a, 'label ', [local(bob), 'carl']);
});

test('a picture is made small, shown to others, and taken away', async () => {
  const [a, ada, b] = await w.friends();
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
  const [a, ada, b] = await w.friends();
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
