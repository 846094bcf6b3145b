// Takes docs/screenshots/converse.png: Converse.js and the web messenger side by side, in one conversation.
//
// In comes a server without anybody; out goes one PNG file. Invariant: the same every time but for the clock.
import { test } from 'node:test';
import { Converse, Messenger, launch } from './support/browser.mjs';
import { Native } from './support/native.mjs';
import { servePage } from './support/page.mjs';
import { add } from './support/server.mjs';

const OUT = new URL('../../docs/screenshots/converse.png', import.meta.url).pathname;
const HALF = { width: 550, height: 700 };
const TALK = [
  ['grace', 'Are you coming to the lighthouse on Saturday?'],
  ['grace', 'Linus brings the boat'],
  ['ada', 'Of course! When does the tide turn?'],
  ['grace', 'At two. Bring something warm, the wind is up'],
  ['ada', 'I will. And the map!'],
];

test('screenshot of Converse.js beside the web messenger', async () => {
  const [stopPage, browser] = [await servePage(), await launch()];
  try {
    const [ada, grace] = [
      await Native.arrive(await add('ada@localhost')),
      await Native.arrive(await add('grace@localhost')),
    ];
    await ada.ask('/v1/account/set-profile', { displayName: 'Ada Lovelace' });
    await grace.ask('/v1/account/set-profile', { displayName: 'Grace Hopper' });
    await ada.meet(grace);
    const converse = await Converse.arrive(browser, grace.address, 'websocket', HALF);
    const messenger = await Messenger.arrive(browser, ada.address, HALF);
    await converse.open(ada.address);
    await messenger.open(grace.address);
    for (const [name, text] of TALK) {
      await (name === 'ada' ? messenger : converse).say(text);
      for (const person of [converse, messenger]) await person.sees(text);
    }
    await messenger.page.waitForSelector('.message.mine.read');
    const halves = await Promise.all([converse, messenger].map((person) => person.page.screenshot()));
    const both = await browser.newPage({ viewport: { width: 2 * HALF.width, height: HALF.height } });
    const images = halves.map((png) => `<img src="data:image/png;base64,${png.toString('base64')}">`);
    await both.setContent(`<body style="margin:0;display:flex">${images.join('')}</body>`);
    await both.screenshot({ path: OUT });
  } finally {
    await browser.close();
    await stopPage();
  }
});
