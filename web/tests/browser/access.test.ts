// All pages for people who use keyboards and screen readers: the rules of axe, in both colour schemes and two sizes.
import axe from 'axe-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { PASSWORD, act, go, openChat, request, signIn } from '../support/account';
import { Person, launch } from '../support/browser';
import { type TestServer, mock, startServer } from '../support/server';

let server: TestServer;
let house: TestServer;
let browser: Browser;
beforeAll(async () => {
  server = await startServer();
  house = await mock();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await house?.stop();
});

async function violations(person: Person): Promise<string[]> {
  await person.page.evaluate(axe.source);
  return person.page.evaluate(async () => {
    type Result = { violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] };
    const { run } = Reflect.get(window, 'axe') as { run(): Promise<Result> };
    const { violations } = await run();
    return violations.flatMap(({ id, nodes }) => nodes.map((n) => `${id}: ${n.html} ${n.failureSummary}`));
  });
}

const CASES = [
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'light', viewport: { width: 360, height: 640 } },
  { colorScheme: 'dark', viewport: { width: 360, height: 640 } },
] as const;

test.each(CASES)('$colorScheme, $viewport.width wide', async (options) => {
  const quiet = { ...options, reducedMotion: 'reduce' } as const;
  const name = `${options.colorScheme} ${options.viewport.width}`;
  const a = await (await Person.arrive(browser, server.url, quiet)).open();
  expect(await violations(a)).toEqual([]);
  await a.join(name);
  const others: Person[] = [];
  for (const other of ['Bob', 'Cleo', 'Dan']) {
    const person = await (await Person.arrive(browser, server.url)).join(`${other} ${name.slice(0, 9)}`);
    await person.say(`I am ${other}, see https://example.com/${other}`);
    await a.sees(`I am ${other}, see https://example.com/${other}`);
    others.push(person);
  }
  await a.say('Mine, with https://example.com/mine');
  await a.page.waitForSelector('.message.mine.stored');
  await a.page.fill('.composer-field', 'x'.repeat(145));
  expect(await violations(a)).toEqual([]);
  if (options.viewport.width < 700) {
    await a.page.click('.open-drawer');
    expect(await violations(a)).toEqual([]);
  }
  for (const person of [a, ...others]) await person.leaveBrowser();
});

test.each(CASES)(
  'the signed-in half, $colorScheme, $viewport.width wide',
  async (options) => {
    const quiet = { ...options, reducedMotion: 'reduce' } as const;
    const add = (name: string) =>
      house.addAccount(`${name}-${options.colorScheme}-${options.viewport.width}`, PASSWORD);
    const [ada, bob, carl, dan] = [await add('ada'), await add('bob'), await add('carl'), await add('dan')];
    const entering = await Person.arrive(browser, `${house.url}/#/sign-in`, quiet);
    expect(await violations(await entering.open())).toEqual([]);
    await entering.leaveBrowser();
    const a = await signIn(browser, house, ada, quiet);
    expect(await violations(a)).toEqual([]);
    const others = [];
    for (const address of [bob, carl]) others.push(await signIn(browser, house, address));
    const [b, c] = others as [Person, Person];
    await request(b, ada, 'Hello');
    await request(c, ada, 'Please');
    await go(a, '#/people');
    await act(a, 'accept', bob);
    await request(a, dan, '');
    await openChat(c, ada);
    await c.say('A stranger');
    await openChat(b, ada);
    await b.say('Hello, see https://example.com');
    await openChat(a, bob);
    await a.sees('Hello, see https://example.com');
    await a.say('Mine');
    await a.page.waitForSelector('.message.mine.read');
    const places = [
      '#/',
      '#/people',
      `#/chat/${bob}`,
      `#/chat/${carl}`,
      `#/person/${bob}`,
      '#/settings',
      '#/add',
    ];
    for (const place of places) {
      await go(a, place);
      if (place === '#/') await a.page.click('[data-section=requests] summary');
      if (place === '#/add') {
        await a.page.fill('#find', carl);
        await a.page.press('#find', 'Enter');
        await a.page.waitForSelector('.found-card');
        await a.page.selectOption('#invite-kind', 'sign-up');
        await a.page.click('form:has(#invite-kind) button');
        await a.page.waitForSelector('.qr');
      }
      expect([place, ...(await violations(a))]).toEqual([place]);
    }
    const link = await a.page.inputValue('#invite-link');
    await go(a, '#/people');
    await act(a, 'block', carl);
    await a.page.click('[data-section=blocked] summary');
    expect(await violations(a)).toEqual([]);
    const invited = await (await Person.arrive(browser, link, quiet)).open();
    await invited.page.waitForSelector('#account-name');
    expect(await violations(invited)).toEqual([]);
    for (const person of [a, ...others, invited]) await person.leaveBrowser();
  },
  120_000,
);
