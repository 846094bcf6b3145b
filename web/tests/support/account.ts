// People with accounts in front of the page.
//
// In come a browser and a server; out go persons who are signed in, and what their page shows. Invariant: that of
// browser.ts.
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { Person, launch } from './browser';
import { type TestServer, mock } from './server';

export const PASSWORD = 'correct horse battery';

type Options = Parameters<typeof Person.arrive>[2];

/** Signs in by the page, on a browser of their own. */
export async function signIn(
  browser: Browser,
  server: TestServer,
  address: string,
  options?: Options,
): Promise<Person> {
  const person = await Person.arrive(browser, server.url, options);
  await person.page.goto(`${server.url}/#/sign-in`);
  await fillSignIn(person, address, PASSWORD);
  await atHome(person);
  return person;
}

export async function fillSignIn(person: Person, address: string, password: string): Promise<void> {
  await person.page.fill('#address', address);
  await person.page.fill('#password', password);
  await person.page.press('#password', 'Enter');
}

export async function atHome(person: Person): Promise<void> {
  await person.page.waitForSelector('.home .link-state.live', { state: 'attached', timeout: 30_000 });
}

export async function go(person: Person, hash: string): Promise<void> {
  await person.page.evaluate((to) => (location.hash = to), hash);
}

/** The names under a heading of the lists, without those who follow. */
export async function under(person: Person, section: string): Promise<string[]> {
  const names = await person.page.locator(`[data-section="${section}"] .entry-name`).allTextContents();
  return names.map((name) => name.trim());
}

export async function seesUnder(person: Person, section: string, names: string[]): Promise<void> {
  await expect.poll(() => under(person, section), { timeout: 15_000 }).toEqual(names);
}

/** Asks somebody to be a contact, by the page that finds people. */
export async function request(person: Person, address: string, note: string): Promise<void> {
  await go(person, '#/add');
  await person.page.fill('#find', address);
  await person.page.press('#find', 'Enter');
  await person.page.fill('#note', note);
  await person.page.click('.found-card button[type=submit]');
  await expect.poll(() => person.page.textContent('.found-card .form-says')).toMatch(/was sent|in contact/);
}

export async function act(person: Person, what: string, address: string): Promise<void> {
  await person.page.click(`[data-do="${what}"][data-who="${address}"]:visible`);
}

export async function openChat(person: Person, address: string): Promise<void> {
  await go(person, `#/chat/${encodeURIComponent(address)}`);
  await person.page.waitForSelector('.chat .composer-field', { state: 'attached' });
}

/** How somebody is shown in the lists, in words. */
export async function presence(person: Person, address: string): Promise<string> {
  const entry = person.page.locator(`.sections a[href="#/chat/${encodeURIComponent(address)}"] .entry-words`);
  return ((await entry.first().textContent()) ?? '').trim();
}

/** A stand-in server with people in front of it, who leave after each test without any trouble on their pages. */
export interface World {
  server: TestServer;
  browser: Browser;
  people: Person[];
  account(stem: string, options?: Options): Promise<[Person, string]>;
  arrive(url: string): Promise<Person>;
  /** Two who are contacts of each other. */
  friends(): Promise<[Person, string, Person, string]>;
  /** Whoever has left the browser already is no longer looked at. */
  left(person: Person): Promise<void>;
  /** For after each test. */
  clear(): Promise<void>;
  end(): Promise<void>;
}

export async function world(): Promise<World> {
  const [server, browser] = [await mock(), await launch()];
  let names = 0;
  const world: World = {
    server,
    browser,
    people: [],
    async account(stem, options) {
      names += 1;
      const address = await server.addAccount(`${stem}${names}`, PASSWORD);
      const person = await signIn(browser, server, address, options);
      world.people.push(person);
      return [person, address];
    },
    async arrive(url) {
      const person = await Person.arrive(browser, url);
      world.people.push(person);
      return person.open();
    },
    async friends() {
      const [a, ada] = await world.account('ada');
      const [b, bob] = await world.account('bob');
      await request(a, bob, 'Hello Bob');
      await go(b, '#/people');
      await act(b, 'accept', ada);
      await go(a, '#/people');
      await seesUnder(a, 'label ', [local(bob)]);
      await seesUnder(b, 'label ', [local(ada)]);
      return [a, ada, b, bob];
    },
    async left(person) {
      await person.leaveBrowser();
      world.people = world.people.filter((other) => other !== person);
    },
    async clear() {
      for (const person of world.people) {
        expect(person.troubles).toEqual([]);
        await person.leaveBrowser();
      }
      world.people = [];
    },
    async end() {
      await browser.close();
      await server.stop();
    },
  };
  return world;
}

export const local = (address: string) => address.split('@')[0] ?? '';
