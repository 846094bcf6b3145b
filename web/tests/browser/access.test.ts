// Both pages for people who use keyboards and screen readers: the rules of axe, in both colour schemes and two sizes.
import axe from 'axe-core';
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
