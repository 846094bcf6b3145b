// What others write is text and nothing else: no payload runs, makes markup, or breaks the Content-Security-Policy.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { PASSWORD, act, go, openChat, request, signIn } from '../support/account';
import { Person, launch } from '../support/browser';
import { type TestServer, mock, pause, startServer } from '../support/server';

const PAYLOADS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(2)>',
  '<svg onload=alert(3)>',
  '<svg><script>alert(4)</script></svg>',
  '<iframe src="javascript:alert(5)"></iframe>',
  '<iframe srcdoc="<script>alert(6)</script>"></iframe>',
  '<a href="javascript:alert(7)">click</a>',
  'javascript:alert(8)',
  'data:text/html,<script>alert(9)</script>',
  'JaVaScRiPt:alert(10)//http://example.com',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(11)>',
  '"><script>alert(12)</script>',
  "'-alert(13)-'",
  '${alert(14)}',
  '{{constructor.constructor("alert(15)")()}}',
  '</span></li><script>alert(16)</script>',
  '<body onload=alert(17)>',
  '<details open ontoggle=alert(18)>',
  '<input autofocus onfocus=alert(19)>',
  '<video><source onerror=alert(20)></video>',
  '<style>@import "//example.com/x.css";</style>',
  '<link rel=stylesheet href=//example.com/x.css>',
  '<base href="//example.com/">',
  '<meta http-equiv=refresh content="0;url=//example.com">',
  '<object data="javascript:alert(25)">',
  '<form action="javascript:alert(26)"><button>x',
  '&lt;script&gt;alert(27)&lt;/script&gt;',
  '\\u003cscript\\u003ealert(28)\\u003c/script\\u003e',
  'http://example.com/"onmouseover="alert(29)',
  "https://example.com/'><img src=x onerror=alert(30)>",
  'https://user:secret@example.com/',
  '[click](javascript:alert(32))',
  '<!--<img src="--><img src=x onerror=alert(33)//">',
  '<noscript><p title="</noscript><img src=x onerror=alert(34)>">',
];
const NAMES = ['<b>bold</b>', '<svg/onload=1>', '"><img src=x>', "'onclick='a()", '&amp;<i>', '${7*7}'];

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

test('scripts in messages are shown as text', async () => {
  const a = await (await Person.arrive(browser, server.url)).join('Mallory');
  const b = await (await Person.arrive(browser, server.url)).join('Victim');
  for (const payload of PAYLOADS) await a.say(payload);
  // The server lets only some messages through at once; the page sends the rest by and by.
  await b.sees(PAYLOADS.at(-1) ?? '', 60_000);
  expect(await b.texts()).toEqual(expect.arrayContaining(PAYLOADS));
  await a.page.reload();
  await a.live();
  await a.sees(PAYLOADS.at(-1) ?? '');
  for (const person of [a, b]) {
    expect(await foreign(person)).toEqual([]);
    for (const link of await person.page.locator('.text a').all()) {
      expect(await link.getAttribute('href')).toMatch(/^https?:\/\/example\.com\//);
      expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
      expect(await link.getAttribute('target')).toBe('_blank');
    }
    await pause(300);
    expect(person.troubles).toEqual([]);
    await person.leaveBrowser();
  }
}, 120_000);

test('scripts in names are shown as text, or refused', async () => {
  const b = await (await Person.arrive(browser, server.url)).join('Observer');
  for (const name of NAMES) {
    const a = await (await Person.arrive(browser, server.url)).open();
    await a.enter(name);
    await a.page.waitForSelector('.lobby, #name-hint.wrong');
    if ((await a.page.locator('.lobby').count()) > 0) {
      await a.live();
      await a.say(`I am ${name}`);
      await b.sees(`I am ${name}`);
      await expect.poll(() => b.people()).toContain(name);
    }
    expect(await foreign(a)).toEqual([]);
    expect(a.troubles).toEqual([]);
    await a.leaveBrowser();
  }
  expect(await foreign(b)).toEqual([]);
  expect(b.troubles).toEqual([]);
  await b.leaveBrowser();
}, 120_000);

test('a link is an anchor that gives nothing away', async () => {
  const a = await (await Person.arrive(browser, server.url)).join('Linker');
  await a.say('See https://example.com/a_(b)?q=1#x, please.');
  const link = a.page.locator('.text a').last();
  expect(await link.getAttribute('href')).toBe('https://example.com/a_(b)?q=1#x');
  expect(await link.textContent()).toBe('https://example.com/a_(b)?q=1#x');
  expect(a.troubles).toEqual([]);
  await a.leaveBrowser();
});

test('scripts in all that people say of themselves and of others are shown as text', async () => {
  const house = await mock();
  const [ada, mallory] = [
    await house.addAccount('ada', PASSWORD),
    await house.addAccount('mallory', PASSWORD),
  ];
  const a = await signIn(browser, house, ada);
  const m = await signIn(browser, house, mallory);
  for (const payload of PAYLOADS.filter((_, at) => at % 3 === 0)) {
    await go(m, '#/settings');
    await m.page.fill('#own-name', payload.slice(0, 60));
    await m.page.fill('#own-about', payload);
    await m.page.press('#own-name', 'Enter');
    await expect.poll(() => m.page.textContent('.person-card .about')).toBe(payload);
    await request(m, ada, payload);
    await a.page.reload();
    await go(a, '#/people');
    await expect.poll(() => a.page.textContent('.request-note')).toBe(payload);
    await act(a, 'accept', mallory);
    await go(a, `#/person/${mallory}`);
    await expect.poll(() => a.page.textContent('.person-card .about')).toBe(payload);
    await a.page.fill('#contact-name', payload);
    await a.page.fill('#contact-labels', payload);
    await a.page.press('#contact-labels', 'Enter');
    await expect.poll(() => a.page.textContent('.person-card h1')).toBe(payload);
    await openChat(m, ada);
    await m.say(payload);
    await openChat(a, mallory);
    await a.sees(payload);
    for (const person of [a, m]) expect(await foreign(person)).toEqual([]);
    await go(a, `#/person/${mallory}`);
    await act(a, 'remove', mallory);
    await a.page.waitForSelector('[data-do=remove]', { state: 'detached' });
  }
  for (const person of [a, m]) {
    expect(person.troubles).toEqual([]);
    await person.leaveBrowser();
  }
  await house.stop();
}, 120_000);

/** Elements that only markup from outside could have made. */
function foreign(person: Person): Promise<string[]> {
  return person.page.evaluate(() => {
    const selector =
      '#app script, #app img, #app iframe, #app object, #app math, #app style, #app link, #app base, #app meta,' +
      '#app video, #app details, #app b, #app i, .text > *:not(a), .person-name > *, [onerror], [onload], [onclick]';
    return Array.from(document.querySelectorAll(selector), (element) => element.outerHTML);
  });
}
