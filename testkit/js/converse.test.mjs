// Converse.js, the XMPP client that runs in a browser, over WebSocket and over BOSH: beside the web messenger and a
// native client, in the same conversations.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Converse, Messenger, launch } from './support/browser.mjs';
import { Native } from './support/native.mjs';
import { servePage } from './support/page.mjs';
import { account } from './support/server.mjs';

const TEST = { timeout: 120_000 };

let browser, stopPage;
before(async () => {
  stopPage = await servePage();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await stopPage?.();
});

/** Two contacts; both have a native client that is there. */
async function friends() {
  const [alice, bob] = await Promise.all(
    ['alice', 'bob'].map(async (name) => Native.arrive(await account(name))),
  );
  await alice.meet(bob);
  return [alice, bob];
}

for (const by of ['websocket', 'bosh']) {
  test(`converse_chats_both_ways_with_a_native_client_and_the_web_messenger over ${by}`, TEST, async () => {
    const [alice, bob] = await friends();
    const converse = await Converse.arrive(browser, alice.address, by);
    await converse.open(bob.address);
    await converse.say('hello <bob> & ☃');
    assert.deepEqual(await bob.hears(), { from: alice.address, text: 'hello <bob> & ☃' });
    await bob.say(alice.address, 'hello <alice> & ☃');
    await converse.sees('hello <bob> & ☃', 'hello <alice> & ☃');
    const messenger = await Messenger.arrive(browser, bob.address);
    await messenger.open(alice.address);
    await messenger.say('from the page');
    await converse.sees('hello <alice> & ☃', 'from the page');
    await converse.say('to the page');
    await messenger.sees('hello <bob> & ☃', 'hello <alice> & ☃', 'from the page', 'to the page');
    for (const person of [alice, bob, converse, messenger]) await person.leave();
  });
}

test('converse_scrolls_back_in_the_archive_in_a_new_profile', TEST, async () => {
  const [alice, bob] = await friends();
  const said = Array.from({ length: 120 }, (_, n) => `text ${n}`);
  for (const [n, text] of said.entries())
    await (n % 3 ? alice.say(bob.address, text) : bob.say(alice.address, text));
  const converse = await Converse.arrive(browser, alice.address, 'websocket');
  await converse.open(bob.address);
  await converse.sees(...said.slice(-40));
  // It holds only some of them at once.
  const seen = new Set();
  const scrolled = async () => {
    const texts = await converse.scrollUp();
    texts.forEach((text) => seen.add(text));
    return [seen.size, ...texts];
  };
  await converse.until(
    'not all of it came',
    scrolled,
    ([size, first]) => size === said.length && first === said[0],
  );
  assert.deepEqual(await converse.texts(), said.slice(0, (await converse.texts()).length));
  for (const person of [alice, bob, converse]) await person.leave();
});

test('two_converse_tabs_of_one_account_see_what_the_other_one_sends', TEST, async () => {
  const [alice, bob] = await friends();
  const one = await Converse.arrive(browser, alice.address, 'websocket');
  const other = await Converse.arrive(browser, alice.address, 'websocket');
  for (const tab of [one, other]) await tab.open(bob.address);
  await one.say('from the one');
  await other.sees('from the one');
  await other.say('from the other');
  await one.sees('from the one', 'from the other');
  await bob.say(alice.address, 'to both');
  for (const tab of [one, other]) await tab.sees('from the one', 'from the other', 'to both');
  for (const person of [alice, bob, one, other]) await person.leave();
});

test('what_was_read_in_converse_is_read_in_the_web_messenger_and_the_sender_is_told', TEST, async () => {
  const [alice, bob] = await friends();
  const messenger = await Messenger.arrive(browser, alice.address);
  const converse = await Converse.arrive(browser, alice.address, 'websocket');
  await bob.say(alice.address, 'one');
  const { cseq } = await bob.say(alice.address, 'two');
  await messenger.badge(bob.address, 2);
  await converse.open(bob.address);
  await converse.sees('one', 'two');
  await messenger.badge(bob.address, 0);
  await bob.read(cseq);
  for (const person of [alice, bob, converse, messenger]) await person.leave();
});
