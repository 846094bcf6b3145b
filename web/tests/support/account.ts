// People with accounts in front of the page.
//
// In come a browser and a server; out go persons who are signed in, and what their page shows. Invariant: that of
// browser.ts.
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { Person } from './browser';
import type { TestServer } from './server';

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
