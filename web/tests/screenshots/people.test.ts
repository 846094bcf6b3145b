// Takes the pictures of docs/screenshots that show the signed-in half, on a desktop and on a phone.
//
// In comes the stand-in server with a small village of made-up people; out go PNG files. Invariant: the same every time
// but for the clock.
import { mkdir } from 'node:fs/promises';
import { test } from 'vitest';
import { PASSWORD, act, go, openChat, request, signIn } from '../support/account';
import { Person, launch } from '../support/browser';
import { mock, pause } from '../support/server';

const OUT = process.env['SCREENSHOTS'] ?? new URL('../../../docs/screenshots/', import.meta.url).pathname;
const DESK = { viewport: { width: 1100, height: 760 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
const VILLAGE: [string, string, string][] = [
  ['grace', 'Grace Hopper', 'Family'],
  ['linus', 'Linus', 'Work'],
  ['margaret', 'Margaret H', 'Work'],
  ['olga', 'Ольга', ''],
  ['radia', 'Radia', ''],
];
const TALK: [string, string][] = [
  ['grace', 'Are you coming to the lighthouse on Saturday?'],
  ['grace', 'Linus brings the boat'],
  ['ada', 'Of course! When does the tide turn?'],
  ['grace', 'At two. Bring something warm, the wind is up'],
  ['ada', 'I will. And the map: https://example.org/map'],
];

test('screenshots of the signed-in half', async () => {
  await mkdir(OUT, { recursive: true });
  const server = await mock();
  const browser = await launch();
  const all = process.env['SCREENSHOTS'] !== undefined;
  const shot = (person: Person, name: string) => person.page.screenshot({ path: `${OUT}/${name}.png` });
  const people = new Map<string, Person>();
  const named = async (name: string, display: string, options?: Parameters<typeof signIn>[3]) => {
    const person = await signIn(browser, server, await server.addAccount(name, PASSWORD), options);
    await go(person, '#/settings');
    await person.page.fill('#own-name', display);
    await person.page.press('#own-name', 'Enter');
    await person.page.waitForSelector('.form-says:not(:empty)');
    people.set(name, person);
    return person;
  };
  try {
    const ada = await named('ada', 'Ada Lovelace', DESK);
    await portray(ada, 330);
    for (const [name, display, label] of VILLAGE) {
      const other = await named(name, display);
      if (name === 'grace') await portray(other, 20);
      const address = `${name}@localhost`;
      await request(other, 'ada@localhost', '');
      await go(ada, '#/people');
      await act(ada, 'accept', address);
      await ada.page.waitForSelector(`[data-who="${address}"]`, { state: 'detached' });
      if (label === '') continue;
      await go(ada, `#/person/${address}`);
      await ada.page.fill('#contact-labels', label);
      await ada.page.press('#contact-labels', 'Enter');
    }
    await go(people.get('linus')!, '#/settings');
    await people.get('linus')!.page.check('.radio[value=busy]');
    await go(people.get('margaret')!, '#/settings');
    await people.get('margaret')!.page.check('.radio[value=away]');
    await people.get('radia')!.leaveBrowser();
    const linus = people.get('linus')!;
    await openChat(linus, 'ada@localhost');
    await linus.say('The build is green again, finally');
    await openChat(people.get('olga')!, 'ada@localhost');
    await people.get('olga')!.say('До завтра!');
    const stranger = await named('zoe', 'Zoë');
    await openChat(stranger, 'ada@localhost');
    await stranger.say('Hello Ada, we met at the library. Is this you?');
    const asks = await named('hedy', 'Hedy Lamarr');
    await request(asks, 'ada@localhost', 'Hello Ada! Grace gave me your address.');
    await named('donald', 'Donald');
    await request(ada, 'donald@localhost', 'Hi Donald');
    const grace = people.get('grace')!;
    await openChat(grace, 'ada@localhost');
    await openChat(ada, 'grace@localhost');
    for (const [name, text] of TALK) {
      await people.get(name)!.say(text);
      await ada.sees(text);
      await grace.sees(text);
      await pause(300);
    }
    await ada.page.waitForSelector('.message.mine.read');
    await pause(600);
    await shot(ada, 'chat');
    await go(ada, '#/people');
    await pause(400);
    await shot(ada, 'people');
    if (all) {
      await go(ada, '#/person/grace@localhost');
      await pause(400);
      await shot(ada, 'person');
      await go(ada, '#/settings');
      await pause(400);
      await shot(ada, 'settings');
      await ada.page.locator('.pane-body').evaluate((body) => body.scrollTo(0, 9999));
      await shot(ada, 'settings-end');
      await go(ada, '#/chat/zoe@localhost');
      await pause(400);
      await shot(ada, 'request-chat');
      await go(ada, '#/add');
      await ada.page.fill('#find', 'margaret@localhost');
      await ada.page.press('#find', 'Enter');
      await ada.page.selectOption('#invite-kind', 'sign-up');
      await ada.page.click('form:has(#invite-kind) button');
      await ada.page.waitForSelector('.qr');
      await pause(400);
      await shot(ada, 'add');
      await ada.page.locator('.pane-body').evaluate((body) => body.scrollTo(0, 9999));
      await shot(ada, 'add-end');
      await go(ada, '#/lobby');
      await ada.live();
      await pause(400);
      await shot(ada, 'lobby-of-account');
      await go(ada, '#/people');
      await ada.page.emulateMedia({ colorScheme: 'dark' });
      await openChat(ada, 'grace@localhost');
      await pause(600);
      await shot(ada, 'chat-dark');
    }
    const pocket = await signIn(browser, server, 'ada@localhost', PHONE);
    await go(pocket, '#/people');
    await pause(900);
    await shot(pocket, 'people-phone');
    await openChat(pocket, 'grace@localhost');
    await pause(600);
    await shot(pocket, 'chat-phone');
    if (all) {
      await pocket.page.emulateMedia({ colorScheme: 'dark' });
      await go(pocket, '#/');
      await pause(400);
      await shot(pocket, 'chats-phone-dark');
      await go(pocket, '#/settings');
      await pause(400);
      await shot(pocket, 'settings-phone-dark');
      await go(pocket, '#/add');
      await pocket.page.selectOption('#invite-kind', 'sign-up');
      await pocket.page.click('form:has(#invite-kind) button');
      await pocket.page.waitForSelector('.qr');
      const link = await pocket.page.inputValue('#invite-link');
      await shot(pocket, 'add-phone-dark');
      const guest = await Person.arrive(browser, link, PHONE);
      await guest.open();
      await guest.page.waitForSelector('#account-name');
      await shot(guest, 'invite-phone');
      const entering = await Person.arrive(browser, `${server.url}/#/sign-in`, DESK);
      await entering.open();
      await shot(entering, 'sign-in');
    }
  } finally {
    await browser.close();
    await server.stop();
  }
}, 180_000);

async function portray(person: Person, hue: number): Promise<void> {
  await go(person, '#/settings');
  const buffer = await sunset(person, hue);
  await person.page.setInputFiles('#picture', { name: 'me.png', mimeType: 'image/png', buffer });
  await person.page.waitForSelector('.person-card img');
}

/** A picture of a sun over the sea, drawn by the browser. */
async function sunset(person: Person, hue: number): Promise<Buffer> {
  const base64 = await person.page.evaluate((hue) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [400, 300];
    const context = canvas.getContext('2d')!;
    const sky = context.createLinearGradient(0, 0, 0, 300);
    sky.addColorStop(0, `hsl(${hue + 240} 60% 45%)`);
    sky.addColorStop(0.6, `hsl(${hue} 90% 65%)`);
    sky.addColorStop(0.6, `hsl(${hue + 200} 45% 40%)`);
    sky.addColorStop(1, `hsl(${hue + 220} 55% 22%)`);
    context.fillStyle = sky;
    context.fillRect(0, 0, 400, 300);
    context.fillStyle = `hsl(${hue + 25} 100% 85%)`;
    context.beginPath();
    context.arc(215, 150, 48, 0, 7);
    context.fill();
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  }, hue);
  return Buffer.from(base64, 'base64');
}
