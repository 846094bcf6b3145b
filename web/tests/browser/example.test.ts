// The example page: two people log in by name and password and talk, in Chromium, through the library.
import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Person, launch } from '../support/browser';
import { type TestServer, startServer } from '../support/server';

const PASSWORD = 'correct horse battery';

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

/** An account with a password, as its operator makes it. */
async function account(name: string): Promise<string> {
  return server.addAccount(name, PASSWORD);
}

async function logIn(name: string, options = {}): Promise<Person> {
  const address = await account(name);
  const person = await Person.arrive(browser, `${server.url}/example.html`, options);
  await person.open();
  await person.page.fill('[name=address]', address);
  await person.page.fill('[name=password]', PASSWORD);
  await person.page.click('#login button');
  await person.page.waitForSelector('#chat:not([hidden])');
  return person;
}

async function talkTo(person: Person, peer: string): Promise<void> {
  await person.page.fill('[name=peer]', peer);
  await person.page.press('[name=peer]', 'Tab');
}

async function say(person: Person, text: string): Promise<void> {
  await person.page.fill('[name=text]', text);
  await person.page.press('[name=text]', 'Enter');
}

const lines = (person: Person) => person.page.locator('#log li').allTextContents();
const sees = (person: Person, texts: string[]) =>
  expect.poll(() => lines(person), { timeout: 20_000 }).toEqual(texts);

test('the example page and its script have under 50 lines', async () => {
  let count = 0;
  for (const file of ['example.html', 'example.js']) {
    const text = await readFile(new URL(`../../public/${file}`, import.meta.url), 'utf8');
    count += text.trimEnd().split('\n').length;
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  }
  expect(count).toBeLessThan(50);
});

test('two pages chat through the example page', async () => {
  const alice = await logIn('alice');
  const bob = await logIn('bob');
  await talkTo(alice, 'bob@localhost');
  await talkTo(bob, 'alice@localhost');
  await say(alice, 'Hello Bob');
  await sees(bob, ['Hello Bob']);
  await say(bob, '<b>Hello</b> Alice');
  await sees(alice, ['Hello Bob', '<b>Hello</b> Alice']);
  await say(bob, 'Still there?');
  await sees(alice, ['Hello Bob', '<b>Hello</b> Alice', 'Still there?']);
  await sees(bob, ['Hello Bob', '<b>Hello</b> Alice', 'Still there?']);
  expect(await alice.page.locator('#log li.mine').allTextContents()).toEqual(['Hello Bob']);

  // The page of somebody who comes back knows who it is, and has what was said.
  await alice.page.reload();
  await alice.page.waitForSelector('#chat:not([hidden])');
  await talkTo(alice, 'bob@localhost');
  await sees(alice, ['Hello Bob', '<b>Hello</b> Alice', 'Still there?']);
  await say(alice, 'Yes');
  await sees(bob, ['Hello Bob', '<b>Hello</b> Alice', 'Still there?', 'Yes']);

  // What is written without a network is sent when it is back, once.
  [alice, bob].forEach((person) => (person.networkErrorsAllowed = true));
  await alice.context.setOffline(true);
  await say(alice, 'From a tunnel');
  await say(alice, 'Out again');
  await alice.context.setOffline(false);
  await sees(bob, ['Hello Bob', '<b>Hello</b> Alice', 'Still there?', 'Yes', 'From a tunnel', 'Out again']);
  expect(alice.troubles).toEqual([]);
  expect(bob.troubles).toEqual([]);
  for (const person of [alice, bob]) await person.leaveBrowser();
});

test('a wrong password is said', async () => {
  const address = await account('carol');
  const carol = await (await Person.arrive(browser, `${server.url}/example.html`)).open();
  await carol.page.fill('[name=address]', address);
  await carol.page.fill('[name=password]', 'not hers at all');
  await carol.page.click('#login button');
  await expect.poll(() => carol.page.textContent('#note')).toMatch(/password/i);
  expect(await carol.page.locator('#chat').isHidden()).toBe(true);
  expect(carol.troubles).toEqual([]);
  await carol.leaveBrowser();
});
