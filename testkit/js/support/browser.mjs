// People in front of a browser: with Converse.js, and with the web messenger that the server has.
//
// In come texts; out goes what the page shows. Invariant: each person has a profile of their own, and what is waited for
// is waited for with a limit.
import { chromium } from 'playwright-core';
import { origin } from './page.mjs';
import { PASSWORD, url } from './server.mjs';

const PATIENCE_MS = 30_000;

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--headless',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Converse would fetch the logos of its sponsors.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
    ],
  });
}

class Person {
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
  }

  static async sit(browser, size = { width: 1000, height: 700 }) {
    const context = await browser.newContext({ viewport: size });
    return new this(await context.newPage());
  }

  /** Waits until something is so, and says what was there in its place. */
  async until(what, look, isSo) {
    let seen;
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await this.page.waitForTimeout(50)) {
      seen = await look();
      if (isSo(seen)) return seen;
    }
    throw new Error(`${what}: ${JSON.stringify(seen)}`);
  }

  /** Waits until the chat that is open has these texts last, in this order. */
  async sees(...texts) {
    const last = (all) => all.slice(-texts.length);
    const same = (all) => JSON.stringify(last(all)) === JSON.stringify(texts);
    await this.until(`the last texts are not ${texts}`, () => this.texts(), same);
  }

  leave() {
    return this.page.context().close();
  }
}

export class Converse extends Person {
  static async arrive(browser, address, by, size) {
    const person = await this.sit(browser, size);
    const { page } = person;
    person.said = [];
    page.on('console', (message) => person.said.push(message.text()));
    page.on('pageerror', (error) => person.said.push(`error: ${error.message}`));
    await page.goto(`${origin}/?by=${by}`);
    await page.fill('#converse-login-jid', address);
    await page.fill('#converse-login-password', PASSWORD);
    await page.press('#converse-login-password', 'Enter');
    await page.waitForSelector('converse-user-profile').catch((error) => {
      throw new Error(`${error.message}\n${person.said.join('\n')}`);
    });
    return person;
  }

  /** Opens the chat with a contact, who stands twice in the list while something is unread. */
  async open(address) {
    await this.page.locator(`#converse-roster .open-chat[data-jid="${address}"]`).first().click();
    await this.page.waitForSelector('converse-chat .chat-textarea');
  }

  async say(text) {
    await this.page.fill('.chat-textarea:visible', text);
    await this.page.press('.chat-textarea:visible', 'Enter');
  }

  texts() {
    return this.page.locator('.chat-msg__text:visible').allTextContents();
  }

  /** Turns the wheel towards what is older; the texts that are there then. */
  async scrollUp() {
    await this.page.hover('.chat-content__messages:visible');
    await this.page.mouse.wheel(0, -3_000);
    return this.texts();
  }
}

export class Messenger extends Person {
  static async arrive(browser, address, size) {
    const person = await this.sit(browser, size);
    const { page } = person;
    await page.goto(`${url}/#/sign-in`);
    await page.fill('#address', address);
    await page.fill('#password', PASSWORD);
    await page.press('#password', 'Enter');
    await page.waitForSelector('.home .link-state.live', { state: 'attached' });
    return person;
  }

  async open(address) {
    await this.page.evaluate((to) => (location.hash = to), `#/chat/${encodeURIComponent(address)}`);
    await this.page.waitForSelector('.chat .composer-field', { state: 'attached' });
  }

  async say(text) {
    await this.page.fill('.composer-field', text);
    await this.page.press('.composer-field', 'Enter');
  }

  texts() {
    return this.page.locator('.message .text').allTextContents();
  }

  /** Waits until so many chats' worth of unread messages are counted for somebody; 0: no badge. */
  async badge(address, count) {
    const badge = this.page.locator(`a[href="#/chat/${encodeURIComponent(address)}"] .count`);
    const look = async () =>
      (await badge.count()) === 0 ? 0 : Number.parseInt(await badge.first().textContent(), 10);
    await this.until(`the badge of ${address} is not ${count}`, look, (seen) => seen === count);
  }
}
