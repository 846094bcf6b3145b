// Chromium for the browser tests, and people who sit in front of it.
//
// In come names and texts; out goes what the page shows. Invariant: every page is watched: a dialog, an error on the
// console or a violation of the Content-Security-Policy is remembered in `troubles`.
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { expect } from 'vitest';

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--headless',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

type ContextOptions = Parameters<Browser['newContext']>[0];

export class Person {
  readonly troubles: string[] = [];
  /** What the network is expected to say while a server is gone or WebSocket is blocked. */
  networkErrorsAllowed = false;

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly url: string,
  ) {}

  static async arrive(browser: Browser, url: string, options: ContextOptions = {}): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, ...options });
    const page = await context.newPage();
    const person = new Person(page, context, url);
    page.on('dialog', (dialog) => {
      person.troubles.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('pageerror', (error) => person.troubles.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      const text = message.text();
      // Refusals are answers with a status of 400 and above, which Chromium reports on the console.
      if (/Failed to load resource: the server responded/.test(text)) return;
      if (person.networkErrorsAllowed && /WebSocket|net::ERR|Failed to load resource/.test(text)) return;
      person.troubles.push(`console: ${text}`);
    });
    await page.exposeFunction('reportViolation', (what: string) => person.troubles.push(`CSP: ${what}`));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        const report = Reflect.get(window, 'reportViolation') as (what: string) => void;
        report(`${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    return person;
  }

  async open(): Promise<this> {
    await this.page.goto(this.url);
    return this;
  }

  async enter(name: string): Promise<void> {
    await this.page.fill('#name', name);
    await this.page.press('#name', 'Enter');
  }

  async join(name: string): Promise<this> {
    await this.open();
    await this.enter(name);
    await this.page.waitForSelector('.lobby');
    await this.live();
    return this;
  }

  async live(by?: 'polls'): Promise<void> {
    await this.page.waitForSelector(by ? '.link-state.live.polls' : '.link-state.live', { timeout: 30_000 });
  }

  async say(text: string): Promise<void> {
    await this.page.fill('.composer-field', text);
    await this.page.press('.composer-field', 'Enter');
  }

  async sees(text: string, timeout = 10_000): Promise<void> {
    await expect.poll(() => this.texts(), { timeout }).toContain(text);
  }

  texts(): Promise<string[]> {
    return this.page.locator('.message .text').allTextContents();
  }

  people(): Promise<string[]> {
    return this.page.locator('.people .person-name').allTextContents();
  }

  async leaveBrowser(): Promise<void> {
    await this.context.close();
  }
}
