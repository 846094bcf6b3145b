// Takes the pictures of docs/screenshots: the first page, the lobby on a desktop and on a phone.
//
// In comes a server (tests/support/server.ts) with an empty lobby; out go PNG files. Invariant: a small conversation
// between made-up people, the same every time.
import { mkdir } from 'node:fs/promises';
import { test } from 'vitest';
import { Person, launch } from '../support/browser';
import { pause, startServer } from '../support/server';

const OUT = process.env['SCREENSHOTS'] ?? new URL('../../../docs/screenshots/', import.meta.url).pathname;

const CONVERSATION: [string, string][] = [
  ['Grace Hopper', 'Morning all! Is this thing on? 🔔'],
  ['Linus', 'Loud and clear.'],
  ['Linus', 'I restarted the server twice just now. Did anybody lose a message?'],
  ['Ada', 'Not one. I wrote during the second restart and it came through by itself'],
  ['Ольга', 'Привет! 👋 First time here, nice to meet you all'],
  ['Margaret', 'Welcome! Pick a name and talk, that is all there is to it'],
  ['Margaret', 'Notes from yesterday: https://example.org/notes/lobby'],
  ['Ada', '🎉'],
  ['Grace Hopper', 'Reading them on the train'],
];
const QUIET = ['Katherine', 'Zoë & Max', 'Radia', '🦊 Fox', 'Barbara L', 'Donald', 'Émilie'];

test('screenshots', async () => {
  await mkdir(OUT, { recursive: true });
  const server = await startServer();
  const browser = await launch();
  const shot = (person: Person, name: string) => person.page.screenshot({ path: `${OUT}/${name}.png` });
  const writers = new Map<string, Person>();
  try {
    const desk = { viewport: { width: 1280, height: 800 } };
    const newcomer = await (await Person.arrive(browser, server.url, desk)).open();
    await newcomer.page.fill('#name', 'Ada');
    await pause(2_500);
    await shot(newcomer, 'welcome');

    for (const name of [...new Set(CONVERSATION.map(([name]) => name)), ...QUIET]) {
      if (name === 'Ada') continue;
      writers.set(name, await (await Person.arrive(browser, server.url)).join(name));
    }
    await newcomer.page.press('#name', 'Enter');
    await newcomer.page.waitForSelector('.lobby');
    await newcomer.live();
    writers.set('Ada', newcomer);
    for (const [name, text] of CONVERSATION) {
      await writers.get(name)?.say(text);
      await newcomer.sees(text);
      await pause(600);
    }
    await newcomer.page.fill('.composer-field', '');
    await pause(600);
    await shot(newcomer, 'lobby');
    if (process.env['SCREENSHOTS']) {
      await newcomer.page.emulateMedia({ colorScheme: 'dark' });
      await pause(200);
      await shot(newcomer, 'lobby-dark');
    }

    const phone = {
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      hasTouch: true,
      isMobile: true,
    };
    const pocket = await (await Person.arrive(browser, server.url, phone)).join('Hedy');
    await pocket.say('Hello from the bus 🚌');
    await pocket.page.waitForSelector('.message.mine.stored');
    await writers.get('Margaret')?.say('Hi Hedy! Safe travels');
    await pocket.sees('Hi Hedy! Safe travels');
    await pause(600);
    await shot(pocket, 'lobby-phone');
    if (process.env['SCREENSHOTS']) {
      await pocket.page.emulateMedia({ colorScheme: 'dark' });
      await pocket.page.click('.open-drawer');
      await pause(600);
      await shot(pocket, 'drawer-dark');
    }
  } finally {
    await browser.close();
    await server.stop();
  }
}, 180_000);
